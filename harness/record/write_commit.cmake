# Writes the commit the lab is built from, and whether the tree differs from it, into a header. Runs at
# every build and touches the header only when something changed.
# Call: cmake -DSOURCE=DIR -DOUTPUT=FILE -P write_commit.cmake
# Where the tree is copied without its repository (a container image), LAB_COMMIT and LAB_CHANGES tell.
execute_process(COMMAND git -C ${SOURCE} rev-parse HEAD
  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
execute_process(COMMAND git -C ${SOURCE} status --porcelain
  OUTPUT_VARIABLE changes OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(DEFINED ENV{LAB_COMMIT})
  set(commit $ENV{LAB_COMMIT})
  set(changes $ENV{LAB_CHANGES})
endif()
set(dirty false)
if(changes)
  set(dirty true)
endif()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT [[
// Written by the build.
#pragma once
#define LAB_GIT_COMMIT "@commit@"
#define LAB_GIT_DIRTY @dirty@
]] @ONLY)
