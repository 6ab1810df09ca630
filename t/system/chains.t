#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The same filter chains given to the real collectd and to vitald, fed with the same values: the same
# lines reach csv and the same notifications reach a log file. Each case has a plugin name of its own,
# and its rules look at nothing else, so that one start of both daemons serves them all.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Time::HiRes qw(sleep time);
use Vital;

need('collectd');

my $begin = int(time) - 3000;

# A case: its name; what stands in the chains, PLUGIN standing for its plugin; the values that are put,
# each "TYPE[-INSTANCE] options values" for one time after the other, 10 s apart; how vitald's outcome
# differs where a fault of collectd is mended (a sub that changes collectd's lines).
my @cases;
sub both { my ($name, $pre, $post, @puts) = @_; push @cases, {name => $name, pre => $pre, post => $post, puts => \@puts} }
sub pre { my ($name, $rules, @puts) = @_; both($name, $rules, '', @puts) }
sub post { my ($name, $rules, @puts) = @_; both($name, '', $rules, @puts) }
sub match { return "<Match \"regex\">\n Plugin \"^PLUGIN\$\"\n$_[0]\n</Match>\n" }
sub rule { my ($match, $rest) = @_; return "<Rule>\n" . match($match) . "$rest\n</Rule>\n" }
my $stop = "Target \"stop\"";
my $mark = "<Target \"set\">\n TypeInstance \"marked\"\n</Target>\n";

# matches
pre('regex matches the type instance, unanchored', rule('TypeInstance "b"', $stop), 'gauge-abc 1', 'gauge-acc 2');
pre('regex is case-sensitive', rule('TypeInstance "B"', $stop), 'gauge-abc 1', 'gauge-aBc 2');
pre('regex needs all expressions of one field', rule("TypeInstance \"^a\"\n TypeInstance \"c\$\"", $stop), 'gauge-abc 1', 'gauge-abd 2');
pre('regex matches host and type', rule("Host \"^h\"\n Type \"^gau\"", $stop), 'gauge-x 1', 'derive-x 2');
pre('regex matches an empty instance', rule('TypeInstance "^$"', $stop), 'gauge 1', 'gauge-x 2');
pre('regex knows alternatives, classes and bounds', rule('TypeInstance "^(eth|wlan)[[:digit:]]{1,2}$"', $stop),
  'gauge-eth0 1', 'gauge-wlan12 2', 'gauge-eth123 3', 'gauge-lo 4');
pre('regex takes a backslash in brackets for itself', rule('TypeInstance "^[\\\\.]x"', $stop), 'gauge-.x 1', 'gauge-ax 2');
pre('regex with Invert', "<Rule>\n<Match \"regex\">\n Plugin \"^PLUGIN\$\"\n</Match>\n<Match \"regex\">\n TypeInstance \"^keep\"\n Invert true\n</Match>\n$stop\n</Rule>\n",
  'gauge-keep 1', 'gauge-drop 2');
pre('regex matches meta data', rule('MetaData "role" "^web"', $mark), 'gauge-a "meta:role=\"web1\"" 1', 'gauge-b "meta:role=\"db\"" 2', 'gauge-c 3');
pre('timediff matches the past', "<Rule>\n" . match('') . "<Match \"timediff\">\n Past 100000\n</Match>\n$stop\n</Rule>\n", 'gauge-a 1', 'gauge-b @1000 2');
pre('timediff matches the future', "<Rule>\n" . match('') . "<Match \"timediff\">\n Future 100000\n</Match>\n$stop\n</Rule>\n", 'gauge-a 1', 'gauge-b @4000000000 2');
post('value within bounds', "<Rule>\n" . match('') . "<Match \"value\">\n Min 10\n Max 20\n</Match>\n$mark</Rule>\n", map { "gauge-a $_" } 5, 10, 15, 20, 25);
post('value inverted', "<Rule>\n" . match('') . "<Match \"value\">\n Min 10\n Max 20\n Invert true\n</Match>\n$mark</Rule>\n", map { "gauge-a $_" } 5, 10, 15, 20, 25);
post('value of one data source', "<Rule>\n" . match('') . "<Match \"value\">\n Min 10\n DataSource \"FREE\"\n</Match>\n$mark</Rule>\n", 'df-a 20:5', 'df-a 5:20');
post('value needs all data sources', "<Rule>\n" . match('') . "<Match \"value\">\n Min 10\n</Match>\n$mark</Rule>\n", 'df-a 20:5', 'df-a 20:20');
post('value is content with any', "<Rule>\n" . match('') . "<Match \"value\">\n Min 10\n Satisfy \"Any\"\n</Match>\n$mark</Rule>\n", 'df-a 20:5', 'df-a 5:5');
post('value looks at the rate', "<Rule>\n" . match('') . "<Match \"value\">\n Min 5\n</Match>\n$mark</Rule>\n", map { "derive-a $_" } 0, 10, 110, 120);
post('value takes the unknown for fitting', "<Rule>\n" . match('') . "<Match \"value\">\n Min 5\n</Match>\n$mark</Rule>\n", 'gauge-a U', 'gauge-a 1');
pre('value before the cache sees the last one', "<Rule>\n" . match('') . "<Match \"value\">\n Min 10\n</Match>\n$stop\n</Rule>\n", map { "gauge-a $_" } 20, 5, 6);
pre('empty_counter', "<Rule>\n" . match('') . "<Match \"empty_counter\">\n</Match>\n$stop\n</Rule>\n",
  'derive-a 0', 'derive-b 1', 'counter-c 0', 'gauge-d 0', 'if_octets-e 0:0', 'if_octets-f 0:1');
pre('hashed', "<Rule>\n" . match('') . "<Match \"hashed\">\n Match 3 7\n Match 5 7\n</Match>\n$stop\n</Rule>\n", map { "$_/gauge-a 1" } 'a' .. 'n', 'web.example.com');

# targets
pre('stop and what stands behind it', rule('', "$stop\n$mark"), 'gauge-a 1');
pre('return ends the chain alone', rule('', "Target \"return\"") . rule('', $stop), 'gauge-a 1');
pre('replace the first match only', rule('', "<Target \"replace\">\n TypeInstance \"o\" \"0\"\n</Target>\n"), 'gauge-foo 1', 'gauge-bar 2');
pre('replace several times, the longest match, literally',
  rule('', "<Target \"replace\">\n TypeInstance \"o+\" \"\\\\1\"\n TypeInstance \"f\" \"\"\n PluginInstance \"^\" \"pi\"\n</Target>\n"), 'gauge-foo 1');
pre('replace host and plugin', rule('', "<Target \"replace\">\n Host \"\\\\.example\\\\.com\$\" \"\"\n Plugin \"\$\" \"_x\"\n</Target>\n"), 'web.example.com/gauge-a 1');
pre('replace leaves what would become empty', rule('', "<Target \"replace\">\n Host \".*\" \"\"\n</Target>\n"), 'gauge-a 1');
pre('set with placeholders', rule('', "<Target \"set\">\n PluginInstance \"%{plugin}\"\n TypeInstance \"%{host}-%{type}-%{type_instance}-%{what}\"\n</Target>\n"), 'gauge-a 1', 'gauge 2');
pre('set refers to what was before', rule('', "<Target \"set\">\n PluginInstance \"%{type_instance}\"\n TypeInstance \"%{plugin_instance}\"\n</Target>\n"), 'gauge-a 1');
pre('set the host', rule('', "<Target \"set\">\n Host \"other\"\n</Target>\n"), 'gauge-a 1');
pre('set meta data and use it', rule('', "<Target \"set\">\n MetaData \"k\" \"v-%{host}\"\n</Target>\n<Target \"set\">\n TypeInstance \"%{meta:k}\"\n</Target>\n"), 'gauge-a 1');
pre('delete meta data', rule('', "<Target \"set\">\n DeleteMetaData \"k\"\n</Target>\n") . rule('MetaData "k" "."', $mark), 'gauge-a "meta:k=\"x\"" 1');
pre('replace meta data', rule('', "<Target \"replace\">\n MetaData \"k\" \"b\" \"c\"\n</Target>\n") . rule('MetaData "k" "^ac"', $mark), 'gauge-a "meta:k=\"abb\"" 1');
pre('delete meta data that matches', rule('', "<Target \"replace\">\n DeleteMetaData \"k\" \"b\"\n</Target>\n") . rule('MetaData "k" "."', $mark), 'gauge-a "meta:k=\"abb\"" 1', 'gauge-b "meta:k=\"xx\"" 1');
post('scale gauges', rule('', "<Target \"scale\">\n Factor 2.5\n Offset -1\n</Target>\n"), 'gauge-a 4', 'gauge-a U', 'gauge-a -4');
post('scale some data sources', rule('', "<Target \"scale\">\n Factor 10\n DataSource \"used\"\n</Target>\n"), 'df-a 4:5');
post('scale derives', rule('', "<Target \"scale\">\n Factor 0.3\n</Target>\n"), map { "derive-a $_" } 0, 11, 25, 32, 100);
post('scale counters with an offset', rule('', "<Target \"scale\">\n Factor 2\n Offset 1.25\n</Target>\n"), map { "counter-a $_" } 100, 110, 4294967290, 5);
post('scale absolutes', rule('', "<Target \"scale\">\n Factor 0.3\n</Target>\n"), map { "absolute-a $_" } 11, 11, 11, 11);
pre('notification', rule('', "<Target \"notification\">\n Message \"%{host} %{plugin} %{plugin_instance} %{type} %{type_instance} %{ds:value} %{ds:no} %{x}\"\n Severity \"okay\"\n</Target>\n"), 'gauge-a 1.5');
post('notification with a rate', rule('', "<Target \"notification\">\n Message \"%{ds:rx} %{ds:tx}\"\n Severity \"WARN\"\n</Target>\n"), 'if_octets-a 10:20', 'if_octets-a 110:25');
pre('notification before the cache knows no rate', rule('', "<Target \"notification\">\n Message \"%{ds:value}\"\n Severity \"critical\"\n</Target>\n"), 'derive-a 10');
pre('v5upgrade', "<Rule>\n<Match \"regex\">\n Host \"^v4\"\n</Match>\nTarget \"v5upgrade\"\n</Rule>\n",
  'v4/df/df-sda 1:2', 'v4/df-c/df 3:4', 'v4/df-a/df-b 5:6', 'v4/interface/if_octets-eth0 1:2', 'v4/mysql-i/mysql_qcache 1:2:3:4:5',
  'v4/mysql/mysql_threads 1:2:3:4', 'v4/zfs_arc/arc_counts-hits 1:2:3:4', 'v4/zfs_arc/arc_counts-misses 1:2:3:4', 'v4/zfs_arc/arc_counts-zzz 1:2:3:4',
  'v4/zfs_arc/arc_l2_bytes 5:6', 'v4/zfs_arc-y/arc_l2_size 7', 'v4/zfs_arc/arc_ratio-L1 8', 'v4/zfs_arc/arc_ratio-q 9', 'v4/zfs_arc/arc_size 1:2:3:4');
pre('jump and come back', rule('', "<Target \"jump\">\n Chain \"sub\"\n</Target>\n$mark"), 'gauge-a 1', 'gauge-returned 2', 'gauge-stopped 3');
pre('a name that was changed is what the next rule sees', rule('', "<Target \"set\">\n TypeInstance \"new\"\n</Target>\n") . rule('TypeInstance "new"', "<Target \"set\">\n PluginInstance \"seen\"\n</Target>\n"), 'gauge-a 1', 'gauge-b 2');
post('write to one writer, and then stop', rule('', "<Target \"write\">\n Plugin \"csv\"\n</Target>\n$stop"), 'gauge-a 1');
post('write to another writer', rule('', "<Target \"write\">\n Plugin \"Write_Log\"\n</Target>\n$stop"), 'gauge-a 1');
post('write to nobody', rule('', $stop), 'gauge-a 1');
post('what is changed behind a write stays as it was written', rule('', "<Target \"write\">\n Plugin \"csv\"\n</Target>\n<Target \"set\">\n TypeInstance \"later\"\n</Target>\n<Target \"scale\">\n Factor 7\n</Target>\n"), 'gauge-a 1');
post('a rule without matches applies to all that comes to it', "<Rule \"named\">\n" . match('') . "<Target \"jump\">\n Chain \"everything\"\n</Target>\n</Rule>\n", 'gauge-a 1');

# The writers of both daemons, and their chains.
sub configuration {
  my ($dir) = @_;
  my ($pre, $post) = ('', '');
  for my $i (0 .. $#cases) {
    my $case = $cases[$i];
    $pre .= $case->{pre} =~ s/PLUGIN/c$i/gr;
    $post .= $case->{post} =~ s/PLUGIN/c$i/gr;
  }
  my $load = join('', map { "LoadPlugin $_\n" } qw(csv write_log logfile match_regex match_timediff match_value match_empty_counter
    match_hashed target_notification target_replace target_scale target_set target_v5upgrade));
  my $sub = "<Chain \"Sub\">\n<Rule>\n<Match \"regex\">\n TypeInstance \"^returned\"\n</Match>\nTarget \"return\"\n</Rule>\n"
    . "<Rule>\n<Match \"regex\">\n TypeInstance \"^stopped\"\n</Match>\nTarget \"stop\"\n</Rule>\n"
    . "<Target \"set\">\n PluginInstance \"sub\"\n</Target>\n</Chain>\n";
  my $everything = "<Chain \"everything\">\n<Rule \"all\">\n<Target \"set\">\n TypeInstance \"all\"\n</Target>\n</Rule>\n</Chain>\n";
  return "$load<Plugin csv>\n DataDir \"$dir/csv\"\n</Plugin>\n<Plugin logfile>\n LogLevel info\n File \"$dir/log\"\n Timestamp false\n PrintSeverity false\n</Plugin>\n"
    . "<Chain \"PreCache\">\n$pre</Chain>\n$sub$everything<Chain \"PostCache\">\n${post}Target \"write\"\n</Chain>\n";
}

sub puts {
  my @lines;
  for my $i (0 .. $#cases) {
    my $step = 0;
    for my $put (@{$cases[$i]{puts}}) {
      my ($name, @rest) = split(/ /, $put);
      my $values = pop @rest;
      my $time = $begin + 10 * $step++;
      @rest = grep { /^@(\d+)$/ ? ($time = $1, 0)[1] : 1 } @rest;
      my @parts = split(m{/}, $name);
      my $identifier = @parts == 3 ? $name : @parts == 2 ? "$parts[0]/c$i/$parts[1]" : "h/c$i/$name";
      push @lines, join(' ', "PUTVAL $identifier interval=10", @rest, "$time:$values");
    }
  }
  return @lines;
}

# What reached csv: file and line, without the day in the name.
sub csv_of {
  my ($dir) = @_;
  my @all;
  for my $file (files_below("$dir/csv")) {
    my @lines = split(/\n/, slurp("$dir/csv/$file"));
    shift @lines;
    push @all, map { ($file =~ s/-\d{4}-\d\d-\d\d$//r) . " $_" } @lines;
  }
  return sort @all;
}

sub notifications_of {
  my ($dir) = @_;
  return sort grep { /^Notification/ } split(/\n/, slurp("$dir/log") // '');
}

my @dirs = (workdir(), workdir());
my $collectd = start_collectd("WriteThreads 1\n" . configuration($dirs[0]), dir => $dirs[0]);
my $vitald = start_vitald(configuration($dirs[1]), dir => $dirs[1], wait => 0);
eventually { $vitald->ask_it('LISTVAL') =~ /found/ } or BAIL_OUT("vitald did not start:\n" . $vitald->log);
unlike($vitald->log, qr/(error|warning): /, 'nothing is wrong with the configuration');
for my $daemon ($collectd, $vitald) {
  my @refused = grep { !/^0 Success/ } $daemon->ask_it(puts());
  is("@refused", '', 'all values are taken');
}
# collectd holds nothing back; when as many lines are there as ours writes at its end, it is done.
is($vitald->stop, 0, 'vitald stops');
my @ours = csv_of($dirs[1]);
eventually { @{[csv_of($dirs[0])]} >= @ours } 5;
ok($collectd->alive, 'collectd has survived it');
$collectd->stop;
my @theirs = csv_of($dirs[0]);

for my $i (0 .. $#cases) {
  my $mine = sub { grep { $cases[$i]{name} eq 'v5upgrade' ? m{^v4} : m{/c$i(_x)?[-/]} } @_ };
  my @expected = $mine->(@theirs);
  @expected = $cases[$i]{mended}->(@expected) if $cases[$i]{mended};
  is_deeply([$mine->(@ours)], \@expected, $cases[$i]{name}) or diag(explain([$mine->(@theirs)]));
}
is_deeply([notifications_of($dirs[1])], [notifications_of($dirs[0])], 'the same notifications');
is(scalar(grep { /^Notification/ } notifications_of($dirs[1])), 4, 'and all of them');
cmp_ok(scalar(@cases), '>=', 40, 'there are enough cases');
done_testing();
