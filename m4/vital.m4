# VITAL_TRY_FLAG(FLAG, IF-OK, IF-NOT): whether the compiler takes a flag.
AC_DEFUN([VITAL_TRY_FLAG], [
  vital_saved_cxxflags="$CXXFLAGS"
  CXXFLAGS="$CXXFLAGS $1 -Werror"
  AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])], [vital_flag=yes], [vital_flag=no])
  CXXFLAGS="$vital_saved_cxxflags"
  AS_IF([test $vital_flag = yes], [$2], [$3])
])

# VITAL_CXX20: a compiler for C++20 with what we use of its library.
AC_DEFUN([VITAL_CXX20], [
  CXX="$CXX -std=c++20"
  AC_CACHE_CHECK([for C++20], [vital_cv_cxx20], [
    AC_COMPILE_IFELSE([AC_LANG_PROGRAM([
      #include <charconv>
      #include <span>
      ], [
      struct Pair { int a, b; };
      constexpr Pair pair{.a = 1, .b = 2};
      static_assert(pair.a + pair.b == 3);
      double value = 0;
      const char text@<:@@:>@ = "1.5";
      std::from_chars(text, text + 3, value);
      std::span<const char> span{text};
      return span.empty() || value != 1.5;
      ])], [vital_cv_cxx20=yes], [vital_cv_cxx20=no])
  ])
  AS_IF([test $vital_cv_cxx20 = no],
    [AC_MSG_ERROR([$CXX does not know C++20; g++ 12 or clang 14 do])])
])

# VITAL_PLUGIN(NAME, [PKG-CONFIG MODULE], [DEBIAN PACKAGE], [HEADER, LIBRARY]): a plugin, built when
# its library is there and nobody said --disable-NAME. Sets BUILD_NAME, NAME_CFLAGS and NAME_LIBS.
AC_DEFUN([VITAL_PLUGIN], [
  AC_ARG_ENABLE([$1], [AS_HELP_STRING([--disable-$1], [do not build the plugin $1])],
    [], [enable_$1=yes])
  vital_why=""
  AS_IF([test "x$enable_$1" = xno], [vital_why="disabled"],
    [m4_ifval([$2], [
      PKG_CHECK_MODULES(m4_toupper([$1]), [$2], [], [vital_why="needs the package $3"])
    ])
    m4_ifval([$4], [VITAL_LIBRARY(m4_toupper([$1]), $4, [$3])])
    :])
  AS_IF([test "x$vital_why" = x],
    [vital_plugins_built="$vital_plugins_built $1"],
    [vital_plugins_missing="$vital_plugins_missing
    $1: $vital_why"])
  AM_CONDITIONAL(m4_toupper([BUILD_$1]), [test "x$vital_why" = x])
])

# VITAL_LIBRARY(PREFIX, HEADER, LIBRARY, DEBIAN PACKAGE): for libraries that pkg-config does not know.
AC_DEFUN([VITAL_LIBRARY], [
  AC_CHECK_HEADER([$2], [
    $1_LIBS="-l$3"
  ], [vital_why="needs the package $4"])
  AC_SUBST([$1_CFLAGS])
  AC_SUBST([$1_LIBS])
])

# VITAL_PLUGIN_TABLE: what is built, and what is not and why.
AC_DEFUN([VITAL_PLUGIN_TABLE], [
  echo
  echo "  plugins that will be built:"
  for vital_plugin in $vital_plugins_built; do echo "    $vital_plugin"; done | sort | column -c 78 2>/dev/null ||
    echo "   $vital_plugins_built"
  AS_IF([test "x$vital_plugins_missing" != x], [
    echo
    echo "  and those that will not:$vital_plugins_missing"
  ])
  echo
])
