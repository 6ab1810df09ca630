#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# vital-nagios --alerts against a running vitald with thresholds: what an operator's checks of hosts and
# services say as values go over bounds and come back, as series vanish, and as the daemon does.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Time::HiRes qw(time);
use Vital;

my $ours = "$BUILD/src/vital-nagios";
my $daemon = start_vitald("CollectInternalStats false\nTimeout 2\nLoadPlugin threshold\n<Plugin threshold>\n"
    . "  <Type gauge>\n    WarningMax 10\n    FailureMax 20\n  </Type>\n"
    . "  <Plugin df>\n    <Type percent_bytes>\n      FailureMax 90\n      WarningMax 80\n    </Type>\n  </Plugin>\n"
    . "</Plugin>\n");

sub said {
  my ($status, $out) = run($ours, '-s', $daemon->socket, @_);
  return "$out\[exit $status]";
}
my $step = 0;
sub put {
  my ($name, $value, $interval) = @_;
  $interval //= 1000;
  is(scalar $daemon->ask_it("PUTVAL $name interval=$interval " . (time + 0.01 * $step++) . ":$value"),
    '0 Success: 1 value has been dispatched.', "$name is $value");
}
# The check says that, before long.
sub becomes {
  my ($expected, $what, @check) = @_;
  my $last = '';
  eventually { $last = said('--alerts', @check); $last =~ $expected };
  like($last, $expected, $what);
}
my $when = qr/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/;
my $fine = "OKAY: no alerts | failures=0;;;; warnings=0;;;;\n[exit 0]";

is(said('--alerts'), "UNKNOWN: the daemon has no value\n[exit 3]", 'who has seen nothing yet does not say that all is well');
put('web1/p/gauge-a', 5);
put('web1/df-root/percent_bytes-used', 50);
put('web1/df-home/percent_bytes-used', 50);
put('web2/p/gauge-a', 5);
becomes(qr/^\Q$fine\E\z/, 'nothing fires', @$_)
  for [], ['-H', 'web1'], ['-H', 'web1', '-n', 'df'], ['-H', 'web1', '-n', 'df-root'], ['-H', 'web1', '-n', 'df-root/percent_bytes-used'], ['-n', 'df'];

subtest 'a service: a series' => sub {
  my @check = ('-H', 'web1', '-n', 'p/gauge-a');
  put('web1/p/gauge-a', 15);
  becomes(qr{^WARNING: 0 failures, 1 warning: web1/p/gauge-a: Data source "value" is currently 15\.0+\. That is above the warning threshold of 10\.0+\. \| failures=0;;;; warnings=1;;;;\nWARNING web1/p/gauge-a since $when: Data source "value" is currently 15\.0+\. That is above the warning threshold of 10\.0+\.\n\[exit 1\]\z}, 'WARNING', @check);
  put('web1/p/gauge-a', 25);
  becomes(qr{^CRITICAL: 1 failure, 0 warnings: web1/p/gauge-a: .*25\.0+.* \| failures=1;;;; warnings=0;;;;\nFAILURE [^\n]*\n\[exit 2\]\z}, 'CRITICAL', @check);
  is(said('--alerts', '-H', 'web2', '-n', 'p/gauge-a'), $fine, 'that of another host is fine');
  put('web1/p/gauge-a', 5);
  becomes(qr/^\Q$fine\E\z/, 'OKAY again', @check);
};

subtest 'a service: a plugin' => sub {
  put('web1/df-home/percent_bytes-used', 85);
  becomes(qr{^WARNING: 0 failures, 1 warning: web1/df-home/percent_bytes-used: .*\[exit 1\]\z}s, 'with all its instances', '-H', 'web1', '-n', 'df');
  becomes(qr{^WARNING: .*\[exit 1\]\z}s, 'on all hosts', '-n', 'df');
  is(said('--alerts', '-H', 'web1', '-n', 'df-root'), $fine, 'or one of them');
  put('web1/df-root/percent_bytes-used', 95);
  becomes(qr{^CRITICAL: 1 failure, 1 warning: web1/df-root/percent_bytes-used: [^\n]*\nFAILURE web1/df-root[^\n]*\nWARNING web1/df-home[^\n]*\n\[exit 2\]\z}, 'the worst comes first', '-H', 'web1', '-n', 'df');
};

subtest 'a host' => sub {
  becomes(qr/^CRITICAL: 1 failure, 1 warning: .*\[exit 2\]\z/s, 'is as bad as the worst of its series', '-H', 'web1');
  is(said('--alerts', '-H', 'WEB2'), $fine, 'another one is fine, in any case');
  is(said('--alerts', '-H', 'web3'), "UNKNOWN: web3 has no value\n[exit 3]", 'one that sends nothing is UNKNOWN');
  is(said('--alerts', '-H', 'web1', '-n', 'nosuch'), "UNKNOWN: web1/nosuch has no value\n[exit 3]", 'so is a plugin that sends nothing');
  is(said('--alerts', '-n', 'nosuch'), "UNKNOWN: nosuch has no value\n[exit 3]", 'on any host');
  is(said('--alerts', '-H', 'web2', '--freshness', '0.001'), "UNKNOWN: web2 has no value that is fresh\n[exit 3]", 'and a host that sends no more');
  like(said('--alerts', '-H', 'web1', '--freshness', '0.001'), qr/^CRITICAL: /, 'but a failure is more than that');
};

subtest 'a series that goes missing' => sub {
  put('web4/p/gauge-x', 5, 1);
  becomes(qr{^CRITICAL: 1 failure, 0 warnings: web4/p/gauge-x: has not been updated for [\d.]+ seconds\. \| [^\n]*\nFAILURE [^\n]*\n\[exit 2\]\z}, 'is CRITICAL', '-H', 'web4');
  put('web4/p/gauge-x', 5);
  becomes(qr/^\Q$fine\E\z/, 'until it is back', '-H', 'web4');
  put('web5/who/users', 1, 1);
  ok((eventually { !grep { m{^web5/} } $daemon->names }), 'one without a threshold goes');
  is(said('--alerts', '-H', 'web5'), "UNKNOWN: web5 has no value\n[exit 3]", 'and is UNKNOWN when nobody told');
};

subtest 'a silence' => sub {
  is((run($VITALCTL, '-s', $daemon->socket, 'silence', 'web1/df-root/*', '1h'))[1], "Silence 1\n", 'is made');
  like(said('--alerts', '-H', 'web1'), qr{^WARNING: 0 failures, 1 warning, 1 silenced: web1/df-home.*FAILURE web1/df-root[^\n]* \(silenced\)\n\[exit 1\]\z}s, 'what it covers does not count');
  like(said('--alerts', '-H', 'web1', '-n', 'df-root'), qr/^OKAY: no alerts, 1 silenced \| .*\[exit 0\]\z/s, 'alone neither');
};

subtest 'many at once' => sub {
  my @names = map { sprintf('web6/p/gauge-%03d', $_) } 1 .. 200;
  $daemon->ask_it(map { "PUTVAL $_ interval=1000 N:25" } @names);
  becomes(qr{^CRITICAL: 200 failures, 0 warnings: web6/p/gauge-001: .*\nand \d+ more\n\[exit 2\]\z}s, 'as many as Nagios reads', '-H', 'web6');
  cmp_ok(length(said('--alerts', '-H', 'web6')), '<', 8000, 'which is 8 kB');
};

subtest 'mistakes are seen in Nagios' => sub {
  for my $case ([['-w', '5'], '-d, -g, -c, -w and -m are not for --alerts.'], [['-n', 'LIST'], '-n LIST is not for --alerts.'],
    [['web1'], 'There are words that belong to no option.'], [['--freshness', 'x'], 'Not a number of seconds: `x\'.'],
    [['--nosuch'], 'No such option, or its argument is missing.'], [['-H'], 'No such option, or its argument is missing.']) {
    is(said('--alerts', @{$case->[0]}), "UNKNOWN: $case->[1]\n[exit 3]", "@{$case->[0]}");
  }
};

kill('STOP', $daemon->pid);
is(said('--alerts', '--timeout', '0.3'), "UNKNOWN: Asking for alerts failed: timed out: the daemon does not answer\n[exit 3]", 'a daemon that hangs');
kill('CONT', $daemon->pid);
is($daemon->stop, 0, 'the daemon stops');
like(said('--alerts'), qr/^UNKNOWN: Connecting to the daemon failed: .*\[exit 3\]\z/s, 'one that is away');

$daemon = start_vitald('');
like(said('--alerts'), qr/^UNKNOWN: there are no thresholds\n\[exit 3\]\z/, 'one that nobody told what is wrong');
is((run($VITALCTL, '-s', $daemon->socket, 'alerts'))[1], "Nobody looks: there are no thresholds.\n", 'vitalctl says so, too');
is($daemon->stop, 0, 'stops');
done_testing;
