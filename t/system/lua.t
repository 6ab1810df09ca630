#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Scripts in Lua: the same as in the real collectd where they do what it knows, and harmless where they
# go astray.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Time::HiRes qw(sleep time);
use Vital;

need('collectd');

# What write scripts print, without the times that differ.
sub printed {
  my ($daemon, $wanted) = @_;
  my %seen;
  $seen{$_} = 1 for grep { /$wanted/ } split(/\n/, slurp("$daemon->{dir}/out"));
  return join("\n", sort keys %seen);
}

my $scripts = workdir();
spit("$scripts/module.lua", 'return { plugin = "from_module" }');
spit("$scripts/kinds.lua", <<'END');
local helper = require("module")
local calls = 0
function read()
  calls = calls + 1
  collectd.dispatch_values{plugin="k", type="gauge", values={1.5}}
  collectd.dispatch_values{plugin="k", plugin_instance="i", type="derive", type_instance="t", values={calls * 10}}
  collectd.dispatch_values{plugin="k", type="counter", values={4294967296}}
  collectd.dispatch_values{plugin="k", type="absolute", values={7}}
  collectd.dispatch_values{host="other", plugin="k", type="if_octets", values={1, 2}, interval=5}
  collectd.dispatch_values{PLUGIN="k", Type="gauge", TYPE_instance="case", values={"0x10"}}
  collectd.dispatch_values{plugin="a/b", type="gauge", type_instance=("x"):rep(200), values={3}}
  collectd.dispatch_values{plugin=helper.plugin, type="load", values={0.25, 0.5, 1}}
  collectd.dispatch_values{plugin="k", type="gauge", type_instance="old", values={1}, time=1700000000 + calls}
  for i, bad in ipairs{{plugin="k", type="nope", values={1}}, {plugin="k", type="gauge", values={1, 2}},
      {plugin="k", type="gauge"}, {plugin="k", type="gauge", values=1}} do
    collectd.dispatch_values{plugin="k", type="gauge", type_instance="bad" .. i,
      values={pcall(collectd.dispatch_values, bad) and 1 or 0}}
  end
  local lines = 0
  for _ in io.popen("printf 'a\\nb\\n'"):lines() do lines = lines + 1 end
  collectd.dispatch_values{plugin="k", type="gauge", type_instance="popen", values={lines}}
  return 0
end
collectd.register_read("read")
collectd.register_read(function() return 0 end)
END
spit("$scripts/write.lua", <<'END');
io.stdout:setvbuf("line")
collectd.register_write(function(s)
  local all = {}
  for i = 1, #s.values do
    all[i] = ("%s=%s:%s:%s"):format(s.dsnames[i - 1], s.dstypes[i - 1], math.type(s.values[i]), s.values[i])
  end
  print(table.concat({"sample", s.host, s.plugin, s.plugin_instance, s.type, s.type_instance, s.interval,
    math.type(s.time), table.concat(all, ",")}, "|"))
  return 0
end)
END

sub configuration {
  my (@names) = @_;
  return "LoadPlugin lua\n<Plugin lua>\n  BasePath \"$scripts\"\n" . join('', map { "  Script \"$_\"\n" } @names) . "</Plugin>\n";
}

subtest 'values are what collectd makes of them' => sub {
  my $types = "TypesDB \"$SOURCE/etc/types.db\"\n";
  my $collectd = start_collectd($types . configuration('kinds.lua', 'write.lua'));
  my $vitald = start_vitald(configuration('kinds.lua', 'write.lua'));
  ok(eventually { printed($_[0] // $vitald, qr/^sample.*derive.*:30$/) }, 'three reads here');
  ok(eventually { printed($collectd, qr/^sample.*derive.*:30$/) }, 'and there');
  my $wanted = qr/^sample\|(?!.*\|derive\|)/;
  is(printed($vitald, $wanted), printed($collectd, $wanted), 'the same samples with the same values reach a script that writes');
  cmp_ok(scalar(split(/\n/, printed($vitald, $wanted))), '>=', 13, 'all of them');
  my @names = sort grep { m{/(k|a_b|from_module)} } $vitald->names;
  is_deeply(\@names, [sort grep { m{/(k|a_b|from_module)} } $collectd->names], 'the same names');
  for my $name (grep { !m{/derive|/counter|/absolute|if_octets|gauge-old} } @names) {
    is($vitald->ask_it("GETVAL \"$name\""), $collectd->ask_it("GETVAL \"$name\""), "the same value of " . substr($name, 0, 60));
  }
  ok(eventually { $vitald->ask_it('GETVAL localhost/k-i/derive-t') =~ /value=1\.0\d*e\+01|value=9\.\d+e\+00/ }, 'the rate of a total');
  is($vitald->stop, 0, 'stops');
  $collectd->stop;
};

# A daemon with a script that goes astray, beside one that does not, and a reader.
sub astray {
  my ($script, $options) = @_;
  my $dir = workdir();
  spit("$dir/astray.lua", $script);
  spit("$dir/good.lua", 'collectd.register_read(function() collectd.dispatch_values{plugin="good", type="gauge", values={1}} return 0 end)');
  return start_vitald("LoadPlugin uptime\nLoadPlugin lua\n<Plugin lua>\n  BasePath \"$dir\"\n  Script \"astray.lua\"\n  Script \"good.lua\"\n"
    . ($options // '') . "</Plugin>\n", dir => $dir);
}

# Nothing else is harmed, and it is named once.
sub unharmed {
  my ($daemon, $says) = @_;
  ok(eventually { $daemon->log =~ $says }, 'it is named');
  my $good = "lua/$daemon->{dir}/good.lua";
  ok(eventually { ($daemon->status_of('reader', $good) // {reads => 0})->{reads} >= 5 }, 'the other script goes on');
  is($daemon->status_of('reader', $_)->{missed}, 0, "$_ missed no tick") for $good, 'uptime';
  my $log = $daemon->log;
  my $times = () = $log =~ /$says/g;
  is($times, 1, 'named once');
  my $begin = time;
  is($daemon->stop, 0, 'the daemon stops');
  cmp_ok(time - $begin, '<', 5, 'within 5 s');
}

my $loop = 'collectd.register_read(function() while true do pcall(function() while true do end end) end end)';
subtest 'a script that loops for ever' => sub {
  my $daemon = astray($loop, "TimeLimit 0.2\n");
  ok(eventually { ($daemon->status_of('reader', "lua/$daemon->{dir}/astray.lua") // {state => ''})->{state} eq 'resting' }, 'it rests');
  unharmed($daemon, qr/astray\.lua: read callback callback_0: \S+astray\.lua:1: stopped: it ran past its TimeLimit/);
};

subtest 'a script that eats memory' => sub {
  my $daemon = astray('collectd.register_read(function() local t = {} while true do t[#t + 1] = ("x"):rep(1000) .. #t end end)', "MemoryLimit 8M\n");
  unharmed($daemon, qr/astray\.lua: read callback callback_0: stopped: it wants more memory than its MemoryLimit/);
};

subtest 'a script that is no Lua' => sub {
  my $daemon = astray("function read(\n");
  unharmed($daemon, qr/astray\.lua: it cannot be run: \S+astray\.lua:2: .*expected near <eof>/);
};

subtest 'a script that wants to end the daemon' => sub {
  my $daemon = astray('collectd.register_read(function() os.exit(3) end)');
  unharmed($daemon, qr/astray\.lua: read callback callback_0: .*os\.exit would end/);
};

subtest 'a script that waits for ever' => sub {
  my $daemon = astray('collectd.register_read(function() os.execute("sleep 1234567") return 0 end)');
  unharmed($daemon, qr/astray\.lua: the read has not come back/);
  ok(eventually { `pgrep -f 'sleep 123456[7]'` eq '' }, 'and what it waited for is gone');
};

subtest 'a script that is mended while the daemon runs' => sub {
  my $daemon = astray('collectd.register_read(function() error("not yet") end)');
  ok(eventually { $daemon->log =~ /not yet/ }, 'broken');
  my $astray = "$daemon->{dir}/astray.lua";
  spit("$astray.new", 'collectd.register_read(function() collectd.dispatch_values{plugin="mended", type="gauge", values={1}} return 0 end)');
  rename("$astray.new", $astray);
  ok(eventually(sub { grep { $_ eq 'localhost/mended/gauge' } $daemon->names }, 4), 'it gives values two ticks later, however long it rested');
  is($daemon->stop, 0, 'stops');
};

subtest 'notifications reach scripts, and come from them' => sub {
  my $dir = workdir();
  spit("$dir/n.lua", <<'END');
collectd.register_notification(function(n)
  if n.plugin == "answer" then
    collectd.log_info("heard " .. n.message)
  else
    collectd.dispatch_notification{severity="okay", plugin="answer", message="got " .. n.message .. " of " .. n.host}
  end
end)
END
  my $daemon = start_vitald("LoadPlugin lua\n<Plugin lua>\nScript \"$dir/n.lua\"\n</Plugin>\n", dir => $dir);
  is($daemon->ask_it('PUTNOTIF severity=warning time=1700000000 host=h plugin=p message="ouch"'), '0 Success', 'one is raised');
  ok(eventually { $daemon->log =~ /heard got ouch of h/ }, 'and answered by a script');
  is($daemon->stop, 0, 'stops');
};

subtest 'a script that writes is a writer like any other' => sub {
  my $dir = workdir();
  spit("$dir/w.lua", <<'END');
local out = assert(io.open("written", "a"))
out:setvbuf("line")
collectd.register_write(function(s)
  if s.plugin == "uptime" then return 1 end
  out:write(s.plugin, "\n")
  return 0
end)
collectd.register_flush(function(age, id)
  if id:find("/bad/") then error("cannot") end
  out:write("flush ", age, " ", id, "\n")
end)
END
  my $daemon = start_vitald("LoadPlugin uptime\nLoadPlugin load\nLoadPlugin lua\n<Plugin lua>\nScript \"$dir/w.lua\"\n</Plugin>\n", dir => $dir);
  ok(eventually { (slurp("$dir/written") // '') =~ /load/ }, 'it writes');
  my $writer = sub { $daemon->status_of('writer', "lua/$dir/w.lua") // {} };
  ok(eventually { ($writer->()->{dropped} // 0) >= 2 }, 'what it fails for is counted');
  like($daemon->ask_it("FLUSH plugin=\"lua/$dir/w.lua\" identifier=h/p/gauge timeout=7"), qr/^0 /, 'a flush');
  ok(eventually { slurp("$dir/written") =~ m{^flush 7(\.0)? h/p/gauge$}m }, 'reaches it');
  $daemon->ask_it('FLUSH identifier=h/bad/gauge') for 1 .. 3;
  like($daemon->ask_it('FLUSH identifier=h/good/gauge'), qr/^0 /, 'one that fails is answered');
  ok(eventually { $daemon->log =~ /cannot/ }, 'and said');
  ok(eventually { slurp("$dir/written") =~ m{h/good/gauge$}m }, 'the next is passed on');
  is(scalar(() = $daemon->log =~ /cannot/g), 1, 'once');
  unlike($daemon->log, qr/writing (fails|works)/, 'and it is no failure of the writer');
  is($daemon->stop, 0, 'stops');
};

done_testing;
