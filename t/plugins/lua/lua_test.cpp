// SPDX-License-Identifier: MIT
#include <cppunit/extensions/HelperMacros.h>

#include "support/caught.h"
#include "support/plugin_under_test.h"

namespace vital::test {
namespace {

/// The plugin with one script.
class Scripted {
 public:
  explicit Scripted(std::string_view script, const std::string& options = {})
      : path_{written(script)}, plugin_{"lua", "/", "Script \"" + path_ + "\"\n" + options} {}

  void change(std::string_view script) { directory_.write("script.lua", script); }
  PluginUnderTest* operator->() noexcept { return &plugin_; }
  /// What was logged, with the script's directory left out.
  std::string logged() {
    std::string text = plugin_.logged();
    const std::string where = directory_.path() + "/";
    for (auto at = text.find(where); at != std::string::npos; at = text.find(where, at))
      text.erase(at, where.size());
    return text;
  }

 private:
  std::string written(std::string_view script) {
    directory_.write("script.lua", script);
    return directory_.path() + "/script.lua";
  }

  TemporaryDirectory directory_;
  std::string path_;
  PluginUnderTest plugin_;
};

/// A read callback with that body.
std::string reading(std::string_view body) {
  return "function read()\n" + std::string{body} +
         "\nreturn 0 end\ncollectd.register_read('read')\n";
}

}  // namespace

class LuaTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(LuaTest);
  CPPUNIT_TEST(dispatches_values_of_each_kind);
  CPPUNIT_TEST(takes_names_in_any_case_and_numbers_for_strings);
  CPPUNIT_TEST(rounds_what_is_no_whole_number_and_drops_what_is_none);
  CPPUNIT_TEST(raises_an_error_for_what_cannot_be_dispatched);
  CPPUNIT_TEST(submits_by_handle);
  CPPUNIT_TEST(takes_functions_and_names_of_functions);
  CPPUNIT_TEST(fails_when_a_callback_returns_something_else_than_0);
  CPPUNIT_TEST(says_once_where_an_error_came_from_and_that_it_is_over);
  CPPUNIT_TEST(leaves_a_failing_callback_out_while_others_work);
  CPPUNIT_TEST(stops_an_endless_loop_by_its_cpu_time);
  CPPUNIT_TEST(stops_an_endless_loop_by_its_instructions);
  CPPUNIT_TEST(stops_a_loop_that_catches_its_errors);
  CPPUNIT_TEST(stops_a_loop_of_coroutines);
  CPPUNIT_TEST(stops_a_script_that_eats_memory);
  CPPUNIT_TEST(goes_on_beside_a_script_with_a_syntax_error);
  CPPUNIT_TEST(gives_each_script_an_interpreter_of_its_own);
  CPPUNIT_TEST(runs_a_script_anew_when_it_changes);
  CPPUNIT_TEST(keeps_what_runs_when_the_changed_script_is_wrong);
  CPPUNIT_TEST(gives_write_callbacks_what_collectd_gives);
  CPPUNIT_TEST(counts_what_a_write_callback_fails_for);
  CPPUNIT_TEST(leaves_a_write_callback_alone_that_ran_away);
  CPPUNIT_TEST(gives_and_takes_notifications);
  CPPUNIT_TEST(passes_a_flush_on);
  CPPUNIT_TEST(calls_init_and_shutdown);
  CPPUNIT_TEST(hands_the_configuration_over);
  CPPUNIT_TEST(finds_modules_below_the_base_path);
  CPPUNIT_TEST(keeps_the_daemon_from_scripts);
  CPPUNIT_TEST(knows_what_older_versions_of_lua_had);
  CPPUNIT_TEST(runs_commands);
  CPPUNIT_TEST(refuses_a_memory_limit_that_is_none);
  CPPUNIT_TEST_SUITE_END();

 public:
  void dispatches_values_of_each_kind() {
    Scripted script{reading(R"(
      collectd.dispatch_values{plugin="p", plugin_instance="i", type="gauge", values={1.5}}
      collectd.dispatch_values{plugin="p", type="derive", type_instance="t", values={-3}}
      collectd.dispatch_values{plugin="p", type="counter", values={"7"}}
      collectd.dispatch_values{plugin="p", type="absolute", values={9.0}}
      collectd.dispatch_values{host="far", plugin="p", type="if_octets", values={1, 2}}
      collectd.dispatch_values{type="load", values={0.1, 0.2, 0.3}})")};
    CPPUNIT_ASSERT(script->read());
    CPPUNIT_ASSERT_EQUAL(std::string{"p-i/gauge 1.5\np/derive-t -3\np/counter 7\np/absolute 9\n"
                                     "p/if_octets 1 2\nlua/load 0.1 0.2 0.3\n"},
                         script->recorded());
  }

  void takes_names_in_any_case_and_numbers_for_strings() {
    Scripted script{reading(R"(
      local t = {PLUGIN=5, Type="gauge", type_Instance=7, VALUES={x=1}, ignored=true, [1]=2}
      collectd.dispatch_values(t)
      collectd.dispatch_values(t))")};
    CPPUNIT_ASSERT(script->read());
    CPPUNIT_ASSERT_EQUAL(std::string{"5/gauge-7 1\n5/gauge-7 1\n"}, script->recorded());
  }

  void rounds_what_is_no_whole_number_and_drops_what_is_none() {
    Scripted script{reading(R"(
      collectd.dispatch_values{plugin="p", type="derive", values={7.9}}
      collectd.dispatch_values{plugin="p", type="derive", values={"abc"}}
      collectd.dispatch_values{plugin="p", type="gauge", values={"abc"}}
      collectd.dispatch_values{plugin="p", type="derive", values={0/0}})")};
    CPPUNIT_ASSERT(script->read());
    CPPUNIT_ASSERT_EQUAL(std::string{"p/derive 8\np/gauge nan\n"}, script->recorded());
    CPPUNIT_ASSERT_EQUAL(
        std::string{"notice: lua: a value of host/p/derive is no number and is dropped\n"},
        script.logged());
  }

  void raises_an_error_for_what_cannot_be_dispatched() {
    Scripted script{reading(R"(
      local function try(...) print_to_log(select(2, pcall(collectd.dispatch_values, ...))) end
      function print_to_log(text) collectd.log_info(text) end
      try()
      try(1)
      try{plugin="p", values={1}}
      try{plugin="p", type="gauge"}
      try{plugin="p", type="gauge", values=1}
      try{plugin="p", type="nope", values={1}}
      try{plugin="p", type="gauge", values={1, 2}}
      local many = {} for i = 1, 100 do many[i] = i end
      try{plugin="p", type="gauge", values=many})")};
    CPPUNIT_ASSERT(script->read());
    CPPUNIT_ASSERT_EQUAL(
        std::string{
            "info: Invalid number of arguments (0 != 1)\n"
            "info: bad argument #1 to 'collectd.dispatch_values' (table expected, got number)\n"
            "info: type is missing\n"
            "info: values is missing\n"
            "info: values is a number, not a table\n"
            "info: the types databases have no type \"nope\"\n"
            "info: type \"gauge\" has 1 value, not 2\n"
            "info: more than 64 values\n"},
        script.logged());
    CPPUNIT_ASSERT_EQUAL(std::string{}, script->recorded());
  }

  void submits_by_handle() {
    Scripted script{R"(
      local s = collectd.series{plugin="p", type="if_octets", type_instance="x"}
      collectd.register_read(function()
        s:submit(1, 2)
        s(3, 4)
        collectd.log_info(tostring(s))
        collectd.log_info(select(2, pcall(s, 1)))
        return 0
      end))"};
    CPPUNIT_ASSERT(script->read());
    CPPUNIT_ASSERT_EQUAL(std::string{"p/if_octets-x 1 2\np/if_octets-x 3 4\n"}, script->recorded());
    CPPUNIT_ASSERT_EQUAL(std::string{"info: host/p/if_octets-x\n"
                                     "info: type \"if_octets\" has 2 values, not 1\n"},
                         script.logged());
  }

  void takes_functions_and_names_of_functions() {
    Scripted script{R"(
      local function put(n) collectd.dispatch_values{plugin="p", type="gauge", values={n}} return 0 end
      function one() return put(1) end
      function two() return put(2) end
      collectd.register_read("one")
      collectd.register_read(function() return put(3) end)
      collectd.register_read(two)
      for _, wrong in ipairs{"one", "three", {}} do
        collectd.log_info(select(2, pcall(collectd.register_read, wrong)))
      end)"};
    CPPUNIT_ASSERT(script->read());
    CPPUNIT_ASSERT_EQUAL(std::string{"p/gauge 1\np/gauge 3\np/gauge 2\n"}, script->recorded());
    CPPUNIT_ASSERT_EQUAL(
        std::string{
            "info: the read callback one() is registered already\n"
            "info: Unable to find function 'three'\n"
            "info: bad argument #1 to 'collectd.register_read' (function expected, got table)\n"},
        script.logged());
  }

  void fails_when_a_callback_returns_something_else_than_0() {
    for (const char* result :
         {"", "return nil", "return 'x'", "return 3", "return -1", "return {}"}) {
      Scripted script{"collectd.register_read(function() " + std::string{result} + " end)"};
      CPPUNIT_ASSERT_MESSAGE(result, !script->read());
    }
    for (const char* result : {"return 0", "return 0.0", "return '0'"}) {
      Scripted script{"collectd.register_read(function() " + std::string{result} + " end)"};
      CPPUNIT_ASSERT_MESSAGE(result, static_cast<bool>(script->read()));
    }
  }

  void says_once_where_an_error_came_from_and_that_it_is_over() {
    Scripted script{
        "broken = true\n"
        "local function inner(t) return t.x.y end\n"
        "collectd.register_read(function()\n"
        "  if broken then inner({}) end\n"
        "  return 0\n"
        "end)\n"
        "collectd.register_notification(function() broken = false end)\n"};
    const Status status = script->read();
    CPPUNIT_ASSERT(!status);
    CPPUNIT_ASSERT_EQUAL(
        std::string{"refused: script.lua:2: attempt to index a nil value (field 'x')"},
        std::string{status.error().message().view()});
    CPPUNIT_ASSERT(!script->read());
    CPPUNIT_ASSERT_EQUAL(
        std::string{"error: lua: script.lua: read callback callback_0: script.lua:2: attempt to "
                    "index a nil value (field 'x'); called from script.lua:2: in upvalue 'inner', "
                    "script.lua:4: in function <script.lua:3>\n"},
        script.logged());
    CPPUNIT_ASSERT(script->notifier().notify({}));
    CPPUNIT_ASSERT(script->read());
    CPPUNIT_ASSERT_EQUAL(
        std::string{"notice: lua: script.lua: read callback callback_0 works again "
                    "after 2 failures\n"},
        script.logged());
  }

  void leaves_a_failing_callback_out_while_others_work() {
    Scripted script{R"(
      calls = 0
      collectd.register_read(function() calls = calls + 1 error("no") end)
      collectd.register_read(function()
        collectd.dispatch_values{plugin="p", type="gauge", values={calls}} return 0
      end))"};
    for (int i = 0; i < 6; ++i) CPPUNIT_ASSERT(script->read());
    CPPUNIT_ASSERT_EQUAL(std::string{"p/gauge 1\np/gauge 1\np/gauge 2\np/gauge 2\np/gauge 2\n"
                                     "p/gauge 2\n"},
                         script->recorded());
  }

  void stops_an_endless_loop_by_its_cpu_time() {
    runaway("while true do end", "TimeLimit 0.05",
            "script.lua:2: stopped: it ran past its TimeLimit");
  }
  void stops_an_endless_loop_by_its_instructions() {
    runaway("while true do end", "TimeLimit 0\nInstructionLimit 1000000",
            "script.lua:2: stopped: it ran past its InstructionLimit");
  }
  void stops_a_loop_that_catches_its_errors() {
    runaway("while true do pcall(function() while true do end end) end", "TimeLimit 0.05",
            "script.lua:2: stopped: it ran past its TimeLimit");
  }
  void stops_a_loop_of_coroutines() {
    runaway(
        "while true do coroutine.resume(coroutine.create(function() while true do end end)) end",
        "TimeLimit 0.05", "script.lua:2: stopped: it ran past its TimeLimit");
  }
  void stops_a_script_that_eats_memory() {
    runaway("local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1000) .. i end", "MemoryLimit 2M",
            "stopped: it wants more memory than its MemoryLimit");
  }

  void goes_on_beside_a_script_with_a_syntax_error() {
    const TemporaryDirectory directory;
    directory.write("bad.lua", "function read( return 0 end\n");
    directory.write("good.lua",
                    reading("collectd.dispatch_values{plugin='p', type='gauge', values={1}}"));
    PluginUnderTest lua{"lua", "/",
                        "BasePath \"" + directory.path() +
                            "/\"\nScript \"missing.lua\"\nScript \"bad.lua\"\nScript \"good.lua\""};
    CPPUNIT_ASSERT(!lua.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"p/gauge 1\n"}, lua.recorded());
    const std::string& where = directory.path();
    CPPUNIT_ASSERT_EQUAL("error: lua: " + where + "/missing.lua: it cannot be run: cannot open " +
                             where + "/missing.lua: No such file or directory\nerror: lua: " +
                             where + "/bad.lua: it cannot be run: " + where +
                             "/bad.lua:1: <name> or '...' expected near 'return'\n",
                         lua.logged());
    directory.write("bad.lua",
                    reading("collectd.dispatch_values{plugin='q', type='gauge', values={2}}"));
    CPPUNIT_ASSERT(!lua.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"p/gauge 1\nq/gauge 2\n"}, lua.sorted());
  }

  void gives_each_script_an_interpreter_of_its_own() {
    const TemporaryDirectory directory;
    for (const char* name : {"a.lua", "b.lua"})
      directory.write(name, "count = (count or 0) + 1\n" +
                                reading("collectd.dispatch_values{plugin='p', type='gauge', "
                                        "values={count}}"));
    PluginUnderTest lua{
        "lua", "/", "BasePath \"" + directory.path() + "\"\nScript \"a.lua\"\nScript \"b.lua\""};
    CPPUNIT_ASSERT(lua.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"p/gauge 1\np/gauge 1\n"}, lua.recorded());
  }

  void runs_a_script_anew_when_it_changes() {
    const auto with = [](const char* value) {
      return reading("collectd.dispatch_values{plugin='p', type='gauge', values={" +
                     std::string{value} + "}}");
    };
    Scripted script{with("1")};
    CPPUNIT_ASSERT(script->read());
    script.change(with("22"));
    CPPUNIT_ASSERT(script->read());
    CPPUNIT_ASSERT_EQUAL(std::string{"p/gauge 1\np/gauge 22\n"}, script->recorded());
    CPPUNIT_ASSERT_EQUAL(std::string{"info: lua: script.lua: it has changed and was run anew\n"},
                         script.logged());
    script.change(with("333") + "collectd.register_write(function() return 0 end)");
    CPPUNIT_ASSERT(script->read());
    CPPUNIT_ASSERT_EQUAL(std::string{"p/gauge 333\n"}, script->recorded());
    CPPUNIT_ASSERT_EQUAL(std::string{"warning: lua: script.lua: its new write callback is called "
                                     "from the daemon's next start on\n"
                                     "info: lua: script.lua: it has changed and was run anew\n"},
                         script.logged());
  }

  void keeps_what_runs_when_the_changed_script_is_wrong() {
    Scripted script{reading("collectd.dispatch_values{plugin='p', type='gauge', values={1}}")};
    script.change("this is no Lua");
    for (int i = 0; i < 3; ++i) CPPUNIT_ASSERT(script->read());
    CPPUNIT_ASSERT_EQUAL(std::string{"p/gauge 1\np/gauge 1\np/gauge 1\n"}, script->recorded());
    CPPUNIT_ASSERT_EQUAL(
        std::string{"error: lua: script.lua: it cannot be run: script.lua:1: syntax "
                    "error near 'is'\n"},
        script.logged());
  }

  void gives_write_callbacks_what_collectd_gives() {
    Scripted script{R"(
      local function show(t, from)
        local all = {}
        for i = from, #t do all[#all + 1] = math.type(t[i]) and math.type(t[i]) .. " " .. t[i] or t[i] end
        return table.concat(all, ",")
      end
      collectd.register_write(function(s)
        collectd.log_info(table.concat({s.host, s.plugin, s.plugin_instance, s.type, s.type_instance,
          s.time, s.interval, show(s.values, 1), show(s.dsnames, 0), show(s.dstypes, 0)}, "|"))
        return 0
      end))"};
    CPPUNIT_ASSERT(
        script->write("h/p-i/if_octets-t 1700000000.5:1:2\nh/p/gauge 1:3\nh/p/absolute 1:4"));
    CPPUNIT_ASSERT_EQUAL(
        std::string{
            "info: h|p|i|if_octets|t|1700000000.5|10.0|integer 1,integer 2|rx,tx|derive,derive\n"
            "info: h|p||gauge||1.0|10.0|float 3.0|value|gauge\n"
            "info: h|p||absolute||1.0|10.0|integer 4|value|absolute\n"},
        script.logged());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{3}, script->ledger().snapshot().delivered);
  }

  void counts_what_a_write_callback_fails_for() {
    Scripted script{"collectd.register_write(function(s) return s.plugin == 'bad' and 1 or 0 end)"};
    CPPUNIT_ASSERT(script->write("h/p/gauge 1:3\nh/bad/gauge 1:3\nh/p/gauge-x 1:3"));
    const auto counts = script->ledger().snapshot();
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{2}, counts.delivered);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, counts.dropped[static_cast<std::size_t>(Loss::failed)]);
  }

  void leaves_a_write_callback_alone_that_ran_away() {
    Scripted script{
        "collectd.register_write(function(s) if loop ~= false then while true do end end return 0 "
        "end)\n"
        "collectd.register_read(function() loop = false return 0 end)\n",
        "TimeLimit 0.05"};
    CPPUNIT_ASSERT(script->write("h/p/gauge 1:3\nh/p/gauge 2:3"));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{2}, script->ledger().snapshot().all_dropped());
    const Status status = script->write("h/p/gauge 3:3");
    CPPUNIT_ASSERT(!status && status.error().code() == Errc::temporary);
    CPPUNIT_ASSERT(script->read());
    script->fake_clock().advance(std::chrono::seconds{11});
    CPPUNIT_ASSERT(script->write("h/p/gauge 3:3"));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, script->ledger().snapshot().delivered);
  }

  void gives_and_takes_notifications() {
    Scripted script{R"(
      collectd.register_notification(function(n)
        if n.plugin == "echo" then return 0 end
        collectd.log_info(table.concat({n.severity, n.time, n.host, n.plugin, n.plugin_instance,
          n.type, n.type_instance, n.message, n.meta.a, n.meta.b}, "|"))
        collectd.dispatch_notification{severity=collectd.NOTIF_OKAY, plugin="echo", message="Hello",
          time=1700000000, meta={who="x"}}
        collectd.dispatch_notification{severity="failure", plugin="echo", host="h", message="Ouch"}
        for _, wrong in ipairs{{message="x"}, {severity=1}, {severity=3, message="x"}} do
          collectd.log_info(select(2, pcall(collectd.dispatch_notification, wrong)))
        end
      end))"};
    Notification notification{.level = Level::warning,
                              .time = time_of(1.5),
                              .message = "too hot",
                              .host = "h",
                              .plugin = "p",
                              .plugin_instance = {},
                              .type = "t",
                              .type_instance = "ti",
                              .meta = {}};
    notification.meta.set("a", std::string{"text"});
    notification.meta.set("b", 2.5);
    CPPUNIT_ASSERT(script->notifier().notify(notification));
    CPPUNIT_ASSERT_EQUAL(
        std::string{"info: 2|1.5|h|p||t|ti|too hot|text|2.5\n"
                    "info: severity is missing\ninfo: message is missing\n"
                    "info: severity is none of NOTIF_FAILURE, NOTIF_WARNING, NOTIF_OKAY\n"},
        script.logged());
    CPPUNIT_ASSERT_EQUAL(
        std::string{"Notification: severity = OKAY, host = host, plugin = echo, message = Hello\n"
                    "Notification: severity = FAILURE, host = h, plugin = echo, message = Ouch\n"},
        script->notifications());
  }

  void passes_a_flush_on() {
    Scripted script{
        "collectd.register_flush(function(age, id) collectd.log_info(age .. ' ' .. id) end)\n"
        "collectd.register_write(function() return 0 end)"};
    CPPUNIT_ASSERT(script->flush({.older_than = span_of_seconds(5), .identifier = "h/p/gauge"}));
    CPPUNIT_ASSERT_EQUAL(std::string{"info: 5.0 h/p/gauge\n"}, script.logged());
  }

  void calls_init_and_shutdown() {
    Scripted script{
        "collectd.register_init(function() collectd.log_info('begin') end)\n"
        "collectd.register_shutdown(function() collectd.log_info('end') end)\n"
        "collectd.dispatch_values{plugin='p', type='gauge', values={1}}"};
    CPPUNIT_ASSERT_EQUAL(std::string{}, script.logged());
    CPPUNIT_ASSERT(script->start());
    CPPUNIT_ASSERT_EQUAL(std::string{"info: begin\n"}, script.logged());
    CPPUNIT_ASSERT_EQUAL(std::string{"host/p/gauge 1\n"}, script->recorded());
    script->stop();
    CPPUNIT_ASSERT_EQUAL(std::string{"info: end\n"}, script.logged());
  }

  void hands_the_configuration_over() {
    const TemporaryDirectory directory;
    directory.write("a.lua", R"(
      collectd.register_config(function(c)
        collectd.log_info(table.concat({c.Name, c.Number, tostring(c.Flag), c.Pair.values[2],
          c.Block.Inner, #c, c[1].key, c[5].children[1].values[1]}, "|"))
      end))");
    PluginUnderTest lua{"lua", "/",
                        "BasePath \"" + directory.path() +
                            "\"\nScript \"a.lua\"\n<Module \"a.lua\">\nName \"x y\"\nNumber 1.5\n"
                            "Flag true\nPair \"a\" 2\n<Block \"b\">\nInner \"z\"\n</Block>\n"
                            "</Module>\n<Module \"other\">\nName \"q\"\n</Module>"};
    CPPUNIT_ASSERT_EQUAL(std::string{"info: x y|1.5|true|2.0|z|5|Name|z\n"}, lua.logged());
  }

  void finds_modules_below_the_base_path() {
    const TemporaryDirectory directory;
    directory.write("helper.lua", "return {value = 7}");
    directory.write("a.lua", reading("collectd.dispatch_values{plugin='p', type='gauge', "
                                     "values={require('helper').value}}"));
    PluginUnderTest lua{"lua", "/", "BasePath \"" + directory.path() + "///\"\nScript \"a.lua\""};
    CPPUNIT_ASSERT(lua.read());
    CPPUNIT_ASSERT_EQUAL(std::string{"p/gauge 7\n"}, lua.recorded());
  }

  void keeps_the_daemon_from_scripts() {
    Scripted script{reading(R"(
      for _, f in ipairs{os.exit, debug.sethook} do collectd.log_info(select(2, pcall(f, 1))) end
      collectd.log_info(tostring(os.setlocale("de_DE")) .. " " .. os.setlocale()))")};
    CPPUNIT_ASSERT(script->read());
    CPPUNIT_ASSERT_EQUAL(
        std::string{"info: os.exit would end or change the daemon; it is not for scripts\n"
                    "info: debug.sethook would end or change the daemon; it is not for scripts\n"
                    "info: nil C\n"},
        script.logged());
  }

  void knows_what_older_versions_of_lua_had() {
    Scripted script{reading(R"(
      collectd.log_info(table.concat({select("#", unpack{1, 2}), loadstring("return 5")(),
        bit32.band(0xff, 0x3c), bit32.bxor(5, 1), bit32.bnot(0), bit32.lshift(1, 31),
        bit32.lshift(3, 31), bit32.rshift(-1, 28), bit32.arshift(-8, 1), bit32.extract(0xab, 4, 4),
        bit32.replace(0, 5, 8, 4), bit32.lrotate(0x80000001, 1), tostring(bit32.btest(6, 2)),
        math.pow(2, 3)}, " ")))")};
    CPPUNIT_ASSERT(script->read());
    CPPUNIT_ASSERT_EQUAL(
        std::string{"info: 2 5 60 4 4294967295 2147483648 2147483648 15 4294967292 "
                    "10 1280 3 true 8.0\n"},
        script.logged());
  }

  void runs_commands() {
    Scripted script{reading(R"(
      local pipe = io.popen("echo one; echo two; exit 3")
      local lines = {}
      for line in pipe:lines() do lines[#lines + 1] = line end
      local fine, how, status = pipe:close()
      collectd.log_info(table.concat(lines, ",") .. " " .. tostring(fine) .. " " .. how .. " " .. status)
      collectd.log_info(select(3, os.execute("exit 4")) .. " " .. tostring(os.execute()))
      local out = os.tmpname()
      local writing = io.popen("cat >" .. out, "w")
      writing:write("written")
      writing:close()
      collectd.log_info(io.open(out):read("a"))
      os.remove(out)
      collectd.log_info(select(2, pcall(io.popen, "true", "x")))
      collectd.log_info(io.popen("ls /proc/self/fd | wc -l"):read("n")))")};
    CPPUNIT_ASSERT(script->read());
    CPPUNIT_ASSERT_EQUAL(
        std::string{"info: one,two nil exit 3\ninfo: 4 true\ninfo: written\n"
                    "info: bad argument #2 to 'io.popen' (invalid mode)\ninfo: 4\n"},
        script.logged());
  }

  void refuses_a_memory_limit_that_is_none() {
    CPPUNIT_ASSERT_THROW(Scripted("", "MemoryLimit \"much\""), ConfigError);
  }

 private:
  /// The script is stopped, named, and works when it behaves again.
  static void runaway(const std::string& body, const std::string& limits, const std::string& what) {
    Scripted script{"function read() if not tame then\n" + body +
                        "\nend return 0 end\ncollectd.register_read('read')\n"
                        "collectd.register_notification(function() tame = true end)\n",
                    limits};
    const Status status = script->read();
    CPPUNIT_ASSERT(!status && status.error().code() == Errc::limit);
    const std::string logged = script.logged();
    CPPUNIT_ASSERT_EQUAL("error: lua: script.lua: read callback read(): " + what,
                         logged.substr(0, logged.find_first_of(";\n")));
    CPPUNIT_ASSERT(script->notifier().notify({}));
    CPPUNIT_ASSERT(script->read());
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(LuaTest);

}  // namespace vital::test
