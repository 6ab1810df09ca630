// SPDX-License-Identifier: MIT
#include <cppunit/BriefTestProgressListener.h>
#include <cppunit/CompilerOutputter.h>
#include <cppunit/TestResult.h>
#include <cppunit/TestResultCollector.h>
#include <cppunit/TestRunner.h>
#include <cppunit/extensions/TestFactoryRegistry.h>

#include <cstdio>
#include <iostream>
#include <string_view>

/// Runs all unit tests, or those below the test or suite that is named. -v names each.
int main(int count, char** arguments) {
  CppUnit::TestResult controller;
  CppUnit::TestResultCollector collector;
  controller.addListener(&collector);
  CppUnit::BriefTestProgressListener progress;
  std::string_view wanted;
  for (int i = 1; i < count; ++i) {
    if (std::string_view{arguments[i]} == "-v")
      controller.addListener(&progress);
    else
      wanted = arguments[i];
  }
  CppUnit::TestRunner runner;
  runner.addTest(CppUnit::TestFactoryRegistry::getRegistry().makeTest());
  runner.run(controller, std::string{wanted});
  CppUnit::CompilerOutputter{&collector, std::cerr}.write();
  std::printf("unit tests: %d run, %d failed\n", collector.runTests(),
              collector.testFailuresTotal());
  return collector.wasSuccessful() ? 0 : 1;
}
