// SPDX-License-Identifier: BSD-3-Clause
// Style sheets come as text: the build puts them into the bundle.
declare module "*.css" {
  const text: string;
  export default text;
}
