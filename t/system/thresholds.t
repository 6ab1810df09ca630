#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The same thresholds given to the real collectd and to vitald, fed with the same values: the same
# notifications reach a log file, but for what is mended on purpose. Each case has a plugin name of its
# own, so that one start of both daemons serves them all.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Time::HiRes qw(sleep time);
use Vital;

need('collectd');

my $begin = int(time) - 3000;
my @cases;

# A case: its name; what stands in the threshold's block of the type gauge; the values; what vitald says
# instead of what collectd says, a letter for each notification in their order, where it differs.
sub gauge { my ($name, $options, $values, $ours) = @_;
  push @cases, {name => $name, block => "<Plugin \"PLUGIN\">\n<Type \"gauge\">\n$options\n</Type>\n</Plugin>\n",
    puts => [map { "gauge $_" } split(/ /, $values)], ours => $ours} }
sub blocks { my ($name, $block, $puts, $ours) = @_; push @cases, {name => $name, block => $block, puts => $puts, ours => $ours} }
sub type { my ($type, $options) = @_; return "<Type \"$type\">\n$options\n</Type>\n" }
sub plugin { my ($inner) = @_; return "<Plugin \"PLUGIN\">\n$inner</Plugin>\n" }

gauge('all four bounds', "WarningMin 10\nWarningMax 20\nFailureMin 5\nFailureMax 30", '15 15 21 25 31 31 15 9 4 15 10 20 5 30');
gauge('WarningMin alone', 'WarningMin 10', '15 9 10 9 9 11');
gauge('WarningMax alone', 'WarningMax 10', '5 11 10 11 11 5');
gauge('FailureMin alone', 'FailureMin 10', '15 9 10 9 9 11');
gauge('FailureMax alone', 'FailureMax 10', '5 11 10 11 11 5');
gauge('negative bounds and fractions', "WarningMin -1.5\nFailureMin -2.25", '0 -1.5 -1.6 -2.25 -2.3 0');
gauge('Hysteresis', "WarningMax 10\nFailureMax 20\nHysteresis 3", '5 11 9 8 7.5 7 6.9 21 18 17.5 16 8 6');
gauge('Hysteresis from below', "WarningMin 10\nFailureMin 5\nHysteresis 2", '15 9 11 11.9 12 4 6 6.9 7.1 15');
gauge('Persist', "WarningMax 10\nFailureMax 20\nPersist true", '5 11 11 21 21 5 5');
gauge('Persist and PersistOK', "WarningMax 10\nPersist true\nPersistOK true", '5 5 11 11 5 5');
gauge('PersistOK alone', "WarningMax 10\nPersistOK true", '5 5 11 11 5 5');
gauge('Invert with both pairs', "WarningMin 10\nWarningMax 20\nFailureMin 12\nFailureMax 18\nInvert true", '5 11 15 15 19 25 25');
gauge('Invert with warning bounds alone', "WarningMin 10\nWarningMax 20\nInvert true", '5 15 15 25 25', 'wo');
gauge('Invert with failure bounds alone', "FailureMin 10\nFailureMax 20\nInvert true", '5 15 25 25', 'fo');
gauge('Invert with one bound of each', "WarningMin 10\nFailureMin 20\nInvert true", '5 11 21 21 5');
gauge('DataSource by name', "DataSource \"value\"\nWarningMax 10", '5 11 5');
gauge('DataSource of another name', "DataSource \"other\"\nWarningMax 10", '5 11 5');
gauge('Hits', "WarningMax 10\nHits 2", '5 15 15 15 15 5 15 5 15 15 15', 'wow');
gauge('Hits that wait for the right, too', "WarningMax 10\nHits 2\nPersistOK true", '5 15 15 5 15 5 5 5', 'wo');
gauge('an unknown value', 'WarningMax 10', '5 15 U 15 5 U', 'wo');
gauge('Interesting is said and has no effect here', "WarningMax 10\nInteresting false", '5 15 5');
gauge('a long message is cut', 'WarningMax 10', '5 1' . '0' x 40 . ' 5');
blocks('Percentage', plugin(type('df', "DataSource \"free\"\nPercentage true\nWarningMin 20\nFailureMin 10")), ['df 50:50', 'df 85:15', 'df 95:5', 'df 50:50']);
blocks('Percentage of nothing', plugin(type('df', "DataSource \"free\"\nPercentage true\nWarningMin 20")), ['df 85:15', 'df 0:0', 'df 50:50'], 'wo');
blocks('Percentage with Invert', plugin(type('df', "DataSource \"free\"\nPercentage true\nInvert true\nWarningMin 20\nWarningMax 40\nFailureMin 25\nFailureMax 35")),
  ['df 50:50', 'df 78:22', 'df 70:30', 'df 10:90']);
blocks('all data sources, the worst counts', plugin(type('df', "WarningMax 10\nFailureMax 20")), ['df 5:5', 'df 11:5', 'df 11:21', 'df 5:11', 'df 5:5']);
blocks('rates of totals', plugin(type('derive', "WarningMax 5")), map { [map { "derive $_" } 0, 10, 110, 120] } 1);
blocks('several thresholds of one name', plugin(type('gauge', "WarningMax 10") . type('gauge', "FailureMax 20")), ['gauge 5', 'gauge 11', 'gauge 21', 'gauge 5']);
blocks('a type instance', plugin(type('gauge', "Instance \"a\"\nWarningMax 10") . type('gauge', "WarningMax 100")),
  ['gauge-a 50', 'gauge-b 50', 'gauge-b 101', 'gauge-a 5']);
blocks('a plugin instance, for the types below it', "<Plugin \"PLUGIN\">\n" . type('gauge', "WarningMax 10") . "Instance \"i\"\n" . type('gauge', "WarningMax 100") . "</Plugin>\n",
  ['PLUGIN-i/gauge 50', 'PLUGIN-j/gauge 50', 'PLUGIN-i/gauge 101', 'PLUGIN-j/gauge 1', 'PLUGIN-i/gauge 1']);
blocks('both instances', "<Plugin \"PLUGIN\">\nInstance \"i\"\n" . type('gauge', "Instance \"t\"\nWarningMax 10") . type('gauge', "WarningMax 20") . "</Plugin>\n",
  ['PLUGIN-i/gauge-t 15', 'PLUGIN-i/gauge-u 15', 'PLUGIN-i/gauge-u 25', 'PLUGIN-j/gauge-t 50', 'PLUGIN-i/gauge-t 5']);
blocks('a host', "<Host \"special\">\n<Plugin \"PLUGIN\">\n" . type('gauge', "WarningMax 10") . "</Plugin>\n</Host>\n" . plugin(type('gauge', "WarningMax 100")),
  ['special/PLUGIN/gauge 50', 'h/PLUGIN/gauge 50', 'special/PLUGIN/gauge 5', 'h/PLUGIN/gauge 101']);
blocks('a host and a type of any plugin', "<Host \"hPLUGIN\">\n" . type('users', "WarningMax 10") . type('users', "Instance \"x\"\nWarningMax 20") . "</Host>\n",
  ['hPLUGIN/PLUGIN/users 15', 'hPLUGIN/PLUGIN/users-x 15', 'hPLUGIN/PLUGIN/users-x 25', 'h/PLUGIN/users 99', 'hPLUGIN/PLUGIN/users 1']);
blocks('a type of any host and plugin', type('entropy', "FailureMin 100") . type('entropy', "Instance \"x\"\nFailureMin 10"),
  ['entropy 50', 'entropy-x 50', 'entropy-x 5', 'entropy 500']);
blocks('an instance in the message', "<Plugin \"PLUGIN\">\nInstance \"pi\"\n" . type('gauge', "Instance \"ti\"\nFailureMax 30") . "</Plugin>\n", ['PLUGIN-pi/gauge-ti 31', 'PLUGIN-pi/gauge-ti 3']);
blocks('upper and lower case are not the same', plugin(type('gauge', "Instance \"A\"\nWarningMax 1")), ['gauge-a 5', 'gauge-A 5']);

sub configuration {
  my ($dir) = @_;
  my $all = '';
  $all .= $cases[$_]{block} =~ s/PLUGIN/t$_/gr for 0 .. $#cases;
  $all .= "<Plugin \"miss\">\n" . type('gauge', "WarningMax 10") . type('gauge', "Instance \"quiet\"\nInteresting false\nWarningMax 10") . "</Plugin>\n";
  $all .= "<Host \"h\">\n<Plugin \"ask\">\nInstance \"pi\"\n" . type('gauge', "Instance \"x\"\nDataSource \"value\"\nWarningMax 50\nFailureMin -1000\nFailureMax 100\nHysteresis 2.5\nHits 3") . "</Plugin>\n</Host>\n";
  return "LoadPlugin logfile\nLoadPlugin threshold\n<Plugin logfile>\n LogLevel info\n File \"$dir/log\"\n Timestamp false\n PrintSeverity false\n</Plugin>\n"
    . "<Plugin threshold>\n$all</Plugin>\n";
}

sub puts {
  my @lines;
  for my $i (0 .. $#cases) {
    my $step = 0;
    for my $put (@{$cases[$i]{puts}}) {
      my ($name, $values) = split(/ /, $put);
      $name =~ s/PLUGIN/t$i/g;
      my $slashes = $name =~ tr{/}{};
      my $identifier = $slashes == 2 ? $name : $slashes == 1 ? "h/$name" : "h/t$i/$name";
      push @lines, sprintf('PUTVAL %s interval=10 %d:%s', $identifier, $begin + 10 * $step++, $values);
    }
  }
  return @lines;
}

sub notifications_of { my ($dir) = @_; return grep { /^Notification/ } split(/\n/, slurp("$dir/log") // '') }
sub subject { my ($line) = @_; return join('/', map { $line =~ /, $_ = ([^,]*)/ ? $1 : '' } qw(host plugin plugin_instance type type_instance)) }
sub letter { my ($line) = @_; return $line =~ /severity = OKAY/ ? 'o' : $line =~ /WARNING/ ? 'w' : 'f' }

# What collectd says of a series that was never wrong: an OKAY at its first value.
sub without_first_okays {
  my %wrong;
  return grep { my $s = subject($_); my $keep = letter($_) ne 'o' || $wrong{$s}; $wrong{$s} ||= letter($_) ne 'o'; $keep } @_;
}

my @dirs = (workdir(), workdir());
my $collectd = start_collectd("WriteThreads 1\n" . configuration($dirs[0]), dir => $dirs[0]);
my $vitald = start_vitald(configuration($dirs[1]), dir => $dirs[1], wait => 0);
eventually { $vitald->ask_it('LISTVAL') =~ /found/ } or BAIL_OUT("vitald did not start:\n" . $vitald->log);
unlike($vitald->log, qr/(error|warning): /, 'nothing is wrong with the configuration');

# First what takes time: a series that is there once and then no more, and comes back.
my $now = int(time);
for my $daemon ($collectd, $vitald) {
  $daemon->ask_it("PUTVAL h/miss/gauge-a interval=1 N:5", "PUTVAL h/miss/gauge-quiet interval=1 N:15");
  my @refused = grep { !/^0 Success/ } $daemon->ask_it(puts());
  is("@refused", '', 'all values are taken');
}
my $done = 'PUTVAL h/t0/gauge interval=10 ' . ($begin + 2000) . ':99';
$_->ask_it($done) for $collectd, $vitald;
for my $dir (@dirs) {
  ok((eventually { scalar(grep { /99\.000000/ } notifications_of($dir)) } 10), 'all was looked at');
  ok((eventually { scalar(grep { /has not been updated for/ && /gauge-a/ } notifications_of($dir)) } 15), 'what is missing is said');
}
sleep 1.1;    # both have looked for missing values once more
for my $i (0 .. $#cases) {
  my $mine = sub { grep { /, plugin = t$i,/ } @_ };
  my @got = $mine->(notifications_of($dirs[1]));
  my @theirs = $mine->(notifications_of($dirs[0]));
  if (defined $cases[$i]{ours}) {
    is(join('', map { letter($_) } @got), $cases[$i]{ours}, "$cases[$i]{name} (mended)");
    next;
  }
  is_deeply(\@got, [$cases[$i]{name} eq 'Persist and PersistOK' ? @theirs : without_first_okays(@theirs)], $cases[$i]{name}) or diag(explain(\@theirs));
}
my ($missing) = grep { /not been updated/ } notifications_of($dirs[1]);
like($missing, qr/^Notification: severity = FAILURE, host = h, plugin = miss, type = gauge, type_instance = a, message = h\/miss\/gauge-a has not been updated for \d\.\d{3} seconds\.$/,
  'the message of a missing value');
is(scalar(grep { /quiet/ && /not been updated/ } map { notifications_of($_) } @dirs), 0, 'what is not interesting may go');
$_->ask_it('PUTVAL h/miss/gauge-a interval=100 N:5', 'PUTVAL h/miss/gauge-quiet interval=100 N:5', 'PUTVAL h/miss/gauge-a interval=100 ' . (time + 5) . ':5') for $collectd, $vitald;
ok((eventually { scalar(grep { /no longer missing/ } notifications_of($dirs[1])) }), 'what is back is said');
is(scalar(grep { /no longer missing/ } notifications_of($dirs[1])), 1, 'and once only');
is(scalar(grep { /OKAY/ && /quiet/ } notifications_of($dirs[1])), 1, 'what went while it was wrong is right when it is back');

for my $question ('h/ask-pi/gauge-x', 'other/ask-pi/gauge-x', 'h/t1/gauge', 'h/t6/gauge', 'h/t17/gauge-any', 'x/y/entropy-x', 'bogus', 'h/ask-pi/gauge-x extra', '') {
  is(scalar $vitald->ask_it("GETTHRESHOLD $question"), scalar $collectd->ask_it("GETTHRESHOLD $question"), "GETTHRESHOLD $question");
}
$_->stop for $vitald, $collectd;
cmp_ok(scalar(@cases), '>=', 30, 'there are enough cases');

# Restart: what was said is not said again.
{
  my $dir = workdir();
  my $config = "LoadPlugin logfile\nLoadPlugin threshold\n<Plugin logfile>\n LogLevel info\n File \"$dir/log\"\n</Plugin>\n"
    . "<Plugin threshold>\n" . type('gauge', 'WarningMax 10') . "</Plugin>\n";
  my $start = sub {
    my $daemon = start_vitald($config, dir => $dir, wait => 0);
    eventually { $daemon->ask_it('LISTVAL') =~ /found/ };
    return $daemon;
  };
  my $said = sub { scalar(grep { /Notification:/ } split(/\n/, slurp("$dir/log") // '')) };
  my $first = $start->();
  $first->ask_it(map { "PUTVAL h/p/gauge-$_ interval=100 N:50" } 1 .. 20);
  ok((eventually { $said->() == 20 }), 'twenty alerts fire');
  is($first->stop, 0, 'the daemon stops');
  my $second = $start->();
  like(scalar $second->ask_it('ALERTS'), qr/^20 Alerts found/, 'they fire behind a restart');
  $second->ask_it(map { "PUTVAL h/p/gauge-$_ interval=100 N:50" } 1 .. 20);
  $second->ask_it('PUTVAL h/p/gauge-7 interval=100 ' . (time + 5) . ':5', 'PUTVAL h/p/gauge-8 interval=100 ' . (time + 5) . ':50');
  ok((eventually { $said->() > 20 }), 'one recovers');
  is($said->(), 21, 'and that is all that is said');
  like(scalar $second->ask_it('ALERTS'), qr/^19 Alerts found/, 'the others fire');
  is($second->stop, 0, 'the daemon stops again');
}
done_testing();
