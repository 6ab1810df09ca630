#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Matches and targets of filter chains that are functions in Lua.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Time::HiRes qw(sleep time);
use Vital;

sub value_of {
  my ($daemon, $name) = @_;
  my (undef, $line) = $daemon->ask_it("GETVAL \"$name\"");
  return $line && $line =~ /=(\S+)/ ? $1 + 0 : undef;
}

# A daemon with that script and these rules before the cache.
sub daemon_with {
  my ($script, $rules, %options) = @_;
  my $dir = workdir();
  spit("$dir/filters.lua", $script);
  $rules =~ s/SCRIPT/Script "$dir\/filters.lua"/g;
  return start_vitald("LoadPlugin uptime\nLoadPlugin logfile\n<Plugin logfile>\n  LogLevel info\n  File stderr\n</Plugin>\nLoadPlugin csv\n<Plugin csv>\n  DataDir \"csv\"\n</Plugin>\nLoadPlugin match_lua\nLoadPlugin target_lua\nLoadPlugin match_regex\n"
    . "<Chain \"" . ($options{chain} // 'PreCache') . "\">\n$rules</Chain>\n", dir => $dir);
}

sub match { my ($name, $more) = @_; return "<Match lua>\n SCRIPT\n Function \"$name\"\n" . ($more // '') . "</Match>\n" }
sub target { my ($name, $more) = @_; return "<Target lua>\n SCRIPT\n Function \"$name\"\n" . ($more // '') . "</Target>\n" }
sub put { my ($daemon, $name, $value) = @_; return $daemon->ask_it("PUTVAL localhost/$name interval=10 " . int(time) . ":$value") }
sub said { my ($daemon, $what) = @_; return scalar(() = $daemon->log =~ /$what/g) }

my $SCRIPT = <<'END';
local limits = { a = 10, b = 20 }
collectd.register_match("hot", function(v)
  return v.plugin == "heat" and v.values[1] > (limits[v.plugin_instance] or 100)
end)
collectd.register_target("kelvin", function(v)
  v.values[1] = v.values[1] + 273
  v.type_instance = "kelvin"
  v.meta.changed = true
  return v
end)
function halved(v) return { values = { v.values[1] / 2 } } end
collectd.register_target("halved", "halved")
collectd.register_target("ends", function(v) return "stop" end)
collectd.register_target("leaves", function(v) return "return" end)
collectd.register_target("tells", function(v)
  collectd.dispatch_notification{severity = "warning", plugin = v.plugin, message = "hot: " .. v.values[1]}
end)
collectd.register_match("red", function(v) return v.meta.colour == "red" end)
collectd.register_read(function() collectd.dispatch_values{plugin = "read", type = "gauge", values = {1}} return 0 end)
END

subtest 'a chain with both' => sub {
  my $daemon = daemon_with($SCRIPT, "<Rule hot>\n" . match('hot') . target('tells') . target('kelvin') . "</Rule>\n"
    . "<Rule red>\n" . match('red') . target('ends') . "</Rule>\n"
    . "<Rule half>\n<Match regex>\nPlugin \"^half\$\"\n</Match>\n" . target('halved') . target('leaves') . target('ends') . "</Rule>\n");
  put($daemon, 'heat-a/gauge', 5);
  put($daemon, 'heat-a/gauge', 15);
  put($daemon, 'heat-b/gauge', 15);
  put($daemon, 'half/gauge-x', 7);
  $daemon->ask_it('PUTVAL localhost/paint/gauge "meta:colour=\\"red\\"" N:1', 'PUTVAL localhost/paint/gauge-blue "meta:colour=\\"blue\\"" N:1');
  ok(eventually(sub { defined value_of($daemon, 'localhost/heat-a/gauge-kelvin') }), 'what matches is renamed');
  is(value_of($daemon, 'localhost/heat-a/gauge-kelvin'), 288, 'and its value changed');
  is(value_of($daemon, 'localhost/heat-a/gauge'), 5, 'what does not is as it was');
  is(value_of($daemon, 'localhost/heat-b/gauge'), 15, 'also of another instance');
  is(value_of($daemon, 'localhost/half/gauge-x'), 3.5, 'a table with values alone');
  ok(!(grep { $_ eq 'localhost/paint/gauge' } $daemon->names), 'a value is stopped for its meta data');
  ok((grep { $_ eq 'localhost/paint/gauge-blue' } $daemon->names), 'others are not');
  ok(eventually(sub { said($daemon, qr/hot: 15(\.0)?\b/) }), 'a target raises a notification');
  is($daemon->stop, 0, 'stops');
  ok((grep { m{heat-a/gauge-kelvin} } files_below($daemon->dir . '/csv')), 'writers get the new name');
};

subtest 'rates behind the cache' => sub {
  my $daemon = daemon_with(<<'END', "<Rule fast>\n" . match('fast') . target('less') . "</Rule>\nTarget write\n", chain => 'PostCache');
collectd.register_match("fast", function(v) return v.type == "derive" and v.rates[1] > 5 end)
collectd.register_target("less", function(v) v.type_instance = "fast" return v end)
END
  my $begin = int(time) - 100;
  $daemon->ask_it(map { "PUTVAL localhost/p/derive interval=10 " . ($begin + 10 * $_) . ':' . 100 * $_ } 0 .. 3);
  $daemon->ask_it(map { "PUTVAL localhost/q/derive interval=10 " . ($begin + 10 * $_) . ':' . $_ } 0 .. 3);
  ok(eventually(sub { grep { m{/p/derive-fast} } files_below($daemon->dir . '/csv') }), 'decide');
  ok(eventually(sub { grep { m{/q/derive-2} } files_below($daemon->dir . '/csv') }), 'for each value');
  ok(!(grep { m{/q/derive-fast} } files_below($daemon->dir . '/csv')), 'by itself');
  is($daemon->stop, 0, 'stops');
};

my %faults = (
  'raises' => ['error("nothing goes")', qr{filters\.lua fails: \S+filters\.lua:\d: nothing goes}],
  'indexes nil' => ['return v.nothing.at_all', qr{fails: \S+filters\.lua:\d: attempt to index a nil value}],
  'loops' => ['while true do pcall(function() while true do end end) end', qr{fails: \S+filters\.lua:\d: stopped: it ran past its TimeLimit}],
  'eats' => ['local t = {} while true do t[#t + 1] = ("x"):rep(1000) .. #t end', qr{fails: (?:\S+ )?stopped: it (?:wants more memory than its MemoryLimit|ran past its TimeLimit)}],
  'returns nonsense' => ['return 5', qr{it returned a number, not}],
  'dispatches' => ['collectd.dispatch_values{plugin="x", type="gauge", values={1}}', qr{a filter cannot dispatch values}],
  'waits' => ['os.execute("sleep 100")', qr{a filter cannot wait for a command}],
);
for my $how (sort keys %faults) {
  subtest "one that $how" => sub {
    my $script = "collectd.register_match('m', function(v)\n  $faults{$how}[0]\nend)\ncollectd.register_target('t', function(v)\n  v.values[1] = 99\n  $faults{$how}[0]\nend)\n";
    my $daemon = daemon_with($script, "<Rule m>\n<Match regex>\n Plugin \"^m\$\"\n</Match>\n" . match('m') . "Target stop\n</Rule>\n"
      . "<Rule t>\n<Match regex>\n Plugin \"^t\$\"\n</Match>\n" . target('t') . "</Rule>\n");
    for my $number (1 .. 20) {
      put($daemon, "$_/gauge-$number", 5) for qw(m t);
    }
    is(value_of($daemon, "localhost/$_/gauge-20"), 5, "values pass the broken $_ unchanged") for qw(m t);
    my $reads = $daemon->status_of('reader', 'uptime')->{reads};
    ok(eventually(sub { $daemon->status_of('reader', 'uptime')->{reads} >= $reads + 2 }), 'ticks go by');
    is($daemon->status_of('reader', 'uptime')->{missed}, 0, 'none is missed');
    is(said($daemon, qr/the match m of .*$faults{$how}[1]/), 1, 'the match is named once') or diag($daemon->log);
    is(said($daemon, qr/the target t of .*$faults{$how}[1]/), 1, 'and the target');
    is($daemon->stop, 0, 'stops');
  };
}

subtest 'a script that changes' => sub {
  my $daemon = daemon_with("collectd.register_target('t', function(v) if v.plugin == 'p' then v.values[1] = 1 return v end end)\n", target('t'));
  put($daemon, 'p/gauge', 5);
  is(value_of($daemon, 'localhost/p/gauge'), 1, 'at first');
  my $file = $daemon->dir . '/filters.lua';
  spit("$file.new", "collectd.register_target('t', function(v) if\n");
  rename("$file.new", $file);
  ok(eventually(sub { said($daemon, qr/stays as it was: .*filters\.lua:2/) }), 'one that is broken is said') or diag($daemon->log);
  put($daemon, 'p/gauge-a', 5);
  is(value_of($daemon, 'localhost/p/gauge-a'), 1, 'and changes nothing');
  spit("$file.new", "collectd.register_target('t', function(v) if v.plugin == 'p' then v.values[1] = 222 return v end end)\n");
  rename("$file.new", $file);
  ok(eventually(sub { said($daemon, qr/run anew for the filter chains/) }), 'one that is not');
  put($daemon, 'p/gauge-b', 5);
  is(value_of($daemon, 'localhost/p/gauge-b'), 222, 'counts');
  is($daemon->stop, 0, 'stops');
};

subtest 'chains that cannot be had' => sub {
  my $dir = workdir();
  my $config = sub {
    return "TypesDB \"$SOURCE/etc/types.db\"\nPluginDir \"$BUILD/plugins\"\nBaseDir \"$dir\"\nLoadPlugin target_lua\n<Chain PreCache>\n"
      . "<Target lua>\n Script \"$dir/x.lua\"\n Function \"$_[0]\"\n</Target>\n</Chain>\n";
  };
  my ($status, undef, $said) = run($VITALD, '-f', '-C', spit("$dir/c", $config->('t')));
  isnt($status, 0, 'a script that is not there');
  like($said, qr{/c:6:2: the target t of \S+x\.lua cannot be had: .*No such file}, 'is said') or diag($said);
  spit("$dir/x.lua", "collectd.register_match('t', function() return true end)\n");
  ($status, undef, $said) = run($VITALD, '-f', '-C', "$dir/c");
  isnt($status, 0, 'a function that is not registered');
  like($said, qr{the script registers no target of that name}, 'is said');
  spit("$dir/c", "TypesDB \"$SOURCE/etc/types.db\"\nPluginDir \"$BUILD/plugins\"\nLoadPlugin target_lua\n<Chain PreCache>\n<Target lua>\n Script \"x\"\n</Target>\n</Chain>\n");
  ($status, undef, $said) = run($VITALD, '-t', '-C', "$dir/c");
  isnt($status, 0, 'and what says too little');
};

subtest 'they are listed, and described' => sub {
  local $ENV{VITALD_PLUGIN_DIR} = "$BUILD/plugins";
  my ($status, $out) = run($VITALD, '--plugins');
  like($out, qr/^match_lua .*^target_lua /ms, 'beside all others') or diag $out;
  ($status, $out) = run($VITALD, '--describe', 'target_lua');
  like($out, qr/^  Function NAME$/m, 'with their options');
};

done_testing;
