// SPDX-License-Identifier: BSD-3-Clause
// Columns of numbers as numpy arrays.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <utility>
#include <vector>

namespace jumper::bindings {

namespace nb = nanobind;

// Hands the vector's memory to numpy; it is freed with the array.
template <typename T>
nb::object to_array(std::vector<T> values) {
  auto* kept = new std::vector<T>(std::move(values));
  const nb::capsule owner(
      kept, [](void* pointer) noexcept { delete static_cast<std::vector<T>*>(pointer); });
  return nb::cast(nb::ndarray<nb::numpy, T, nb::ndim<1>>(kept->data(), {kept->size()}, owner));
}

}  // namespace jumper::bindings
