#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The same aggregations given to the real collectd and to vitald: the same results under the same names.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Time::HiRes qw(sleep time);
use Vital;

need('collectd');

sub block { my ($options) = @_; return "<Aggregation>\n$options\n</Aggregation>\n" }
my $all = join("\n", map { "Calculate$_ true" } qw(Num Sum Average Minimum Maximum Stddev));
my $blocks = join('',
  block("Plugin \"cpu\"\nType \"gauge\"\nGroupBy \"Host\" \"TypeInstance\"\n$all"),
  block("Plugin \"cpu\"\nType \"gauge\"\nGroupBy \"Host\"\nSetPlugin \"p1\"\nCalculateSum true"),
  block("Plugin \"/^c/\"\nType \"gauge\"\nGroupBy \"Plugin\"\nGroupBy \"PluginInstance\"\nSetTypeInstance \"%{aggregation}\"\nCalculateAverage true"),
  block("Plugin \"cpu\"\nType \"gauge\"\nSetHost \"sethost\"\nSetPlugin \"setplug\"\nSetPluginInstance \"%{aggregation}-x\"\nTypeInstance \"/^[iu]/\"\nCalculateMaximum true"),
  block("Plugin \"cpu\"\nPluginInstance \"/^[01]\$/\"\nType \"gauge\"\nTypeInstance \"idle\"\nCalculateSum true"),
  block("Plugin \"mem\"\nPluginInstance \"\"\nType \"gauge\"\nCalculateNum true"),
  block("Host \"h\"\nType \"derive\"\nTypeInstance \"t\"\nCalculateSum true\nCalculateNum true"));

sub configuration {
  my ($dir) = @_;
  return "LoadPlugin csv\nLoadPlugin aggregation\n<Plugin csv>\n DataDir \"$dir/csv\"\n</Plugin>\n<Plugin aggregation>\n$blocks</Plugin>\n";
}
my @dirs = (workdir(), workdir());
my $collectd = start_collectd("WriteThreads 1\n" . configuration($dirs[0]), dir => $dirs[0]);
my $vitald = start_vitald(configuration($dirs[1]), dir => $dirs[1]);
unlike($vitald->log, qr/(error|warning): /, 'nothing is wrong with the configuration');

# All series of a round come in one write, so that a read finds all of them or none.
my $round = 0;
sub feed {
  my ($daemon) = @_;
  my $now = sprintf('%.3f', time);
  my @lines = (map { my $n = $_; map { "PUTVAL h/cpu-$n/gauge-$_ interval=3 $now:" . ($n + length) } qw(idle user wait) } 0 .. 3);
  push @lines, "PUTVAL g/cpu-0/gauge-idle interval=3 $now:100", "PUTVAL h/mem/gauge-a interval=3 $now:5", "PUTVAL h/mem/gauge-b interval=3 $now:6", "PUTVAL h/mem-x/gauge-a interval=3 $now:7",
    map { "PUTVAL h/d-$_/derive-t interval=3 $now:" . int(1000 * $_ * $now) } 1, 2;
  my $socket = IO::Socket::UNIX->new(Peer => $daemon->socket) or die;
  syswrite($socket, join("\n", @lines) . "\n");
  <$socket> for @lines;
}

# The lines of a result, as numbers.
sub values_of {
  my ($dir, $name) = @_;
  my ($file) = grep { m{^\Q$name\E-\d{4}-} } files_below("$dir/csv");
  return if !$file;
  my @lines = split(/\n/, slurp("$dir/csv/$file"));
  shift @lines;
  return map { (split(/,/))[1] } @lines;
}
# The value that comes most often: a read may fall between two rounds.
sub usual {
  my %count;
  $count{$_}++ for values_of(@_);
  my ($usual) = sort { $count{$b} <=> $count{$a} } keys %count;
  return $usual;
}
sub results_of { my ($dir) = @_; return map { s/-\d{4}-\d\d-\d\d$//r } grep { m{^(global|sethost)/|^[gh]/(aggregation|p1)} } files_below("$dir/csv") }

my $end = time + 8;
while (time < $end) {
  feed($_) for $collectd, $vitald;
  sleep 1;    # collectd counts a member as often as it comes
}
my @names = results_of($dirs[0]);
is_deeply([results_of($dirs[1])], \@names, 'results have the same names');
cmp_ok(scalar(@names), '>=', 25, 'there are all of them');
for my $name (grep { /gauge/ } @names) {
  is(usual($dirs[1], $name), usual($dirs[0], $name), $name);
}
for my $name (grep { /derive/ } @names) {
  my @growth = map { my @values = values_of($_, $name); @values > 2 ? ($values[-1] - $values[0]) / $#values : 0 } @dirs;
  ok($growth[1] > 0.4 * $growth[0] && $growth[1] < 2.5 * $growth[0], "$name grows alike (@growth)");
}

# Members go: only those that are left count, and when none is left the group ends.
$end = time + 30;
while (time < $end && (values_of($dirs[1], 'h/aggregation-cpu-num/gauge-idle'))[-1] > 1) {
  my $now = sprintf('%.3f', time);
  $vitald->ask_it("PUTVAL h/cpu-0/gauge-idle interval=3 $now:7");
  sleep 0.25;
}
is((values_of($dirs[1], 'h/aggregation-cpu-num/gauge-idle'))[-1], '1.000000', 'three members are gone');
is((values_of($dirs[1], 'h/aggregation-cpu-sum/gauge-idle'))[-1], '7.000000', 'and count no more');
ok((eventually { (values_of($dirs[1], 'h/aggregation-cpu-num/gauge-idle'))[-1] == 0 } 20), 'the last one goes');
ok((eventually { !grep { m{^h/aggregation-cpu-num/gauge-idle$} } $vitald->names } 10), 'and so does the group');
$_->stop for $vitald, $collectd;
done_testing();
