#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# vital-nagios beside collectd-nagios: the same invocations against collectd and against vitald, which
# hold the same values, give the same bytes and the same exit code in all four pairs. Then what only
# vital-nagios has.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use IO::Socket::UNIX;
use Socket;
use Test::More;
use Time::HiRes qw(time);
use Vital;

need('collectd', 'collectd-nagios');
my $ours = "$BUILD/src/vital-nagios";

# One interval of an hour: what was put stays, nothing expires while we look.
my %daemon = (
  collectd => start_collectd('', interval => 3600),
  vitald => start_vitald("CollectInternalStats false\n", interval => 3600),
);
my $now = int(time);
my @values = (
  'web1/load/load N:0.5:1.5:2.5', 'web1/df-root/df N:75:25', 'web1/x/gauge N:42', 'web1/n/gauge N:U',
  'web2/mix/load N:U:3:6', 'web2/mix/load-f N:1:U:3', 'web2/mix/load-z N:0:0:0', 'web2/all/load N:U:U:U',
  'web2/big/gauge N:123456789', 'web2/inf/gauge N:inf', 'web2/neg/gauge N:-3.25', '"web2/s p/gauge-a b" N:7',
  'web2/octets/if_octets ' . ($now - 10) . ":1000:2000 $now:2000:4000", 'WEB2/case/gauge N:1',
  'web2/tiny/gauge N:1e-7', 'web3/z/gauge N:1', 'web3/a-b/gauge-c N:2', 'web3/a/gauge N:3', 'web3/a-a/gauge N:4',
);
for my $value (@values) {
  my ($name, $list) = $value =~ /^("[^"]*"|\S+) (.*)$/;
  like($_->ask_it("PUTVAL $name interval=3600 $list") . '', qr/^0 Success/, "$value is taken") for values %daemon;
}
for my $who (sort keys %daemon) {
  ok(eventually(sub { my @names = $daemon{$who}->names; @names == @values }), "$who has them all");
}

sub one { return ['-H', 'web1', '-n', 'x/gauge', @_] }
sub mixed { return ['-H', 'web2', '-n', 'mix/load', @_] }
sub load { return ['-H', 'web1', '-n', 'load/load', @_] }
my @invocations = (
  # The grammar of ranges.
  one(), map({ one('-w', $_) }
    '40', '42', '41', '42:', '43:', ':42', ':10', '~:10', '40:50', '50:60', '10:~', '~:~', ':', '~', '', '@', '@:', '@40:50',
    '@50:60', '@42:42', '@42', '@~:10', '50:10', '@50:10', '1:2:3', '1e2', ' 50', '0x30', 'inf', 'nan', 'abc', '10:abc', '-5:-1',
    '--', '10x:50y'),
  one('-w', '40', '-c', '50'), one('-w', '10', '-c', '20'), one('-w', '50', '-c', '10'), one('-c', '10', '-c', '50'),
  one('-w', '@1:2', '-w', '40:50'), one('-w', '10', '-w', '100'),
  ['-H', 'web2', '-n', 'neg/gauge', '-w', ''], ['-H', 'web2', '-n', 'neg/gauge', '-c', '10'],
  ['-H', 'web2', '-n', 'neg/gauge', '-c', '-4:-3'],
  # Consolidation.
  map({ load('-w', '1', '-c', '2', '-g', $_) } 'none', 'average', 'sum', 'percentage', 'SUM', 'Average'),
  load('-g', 'sum', '-w', '1', '-c', '4'), load('-g', 'average', '-w', '2', '-c', '1:'),
  map({ ['-H', 'web1', '-n', 'df-root/df', @$_] }
    ['-g', 'percentage', '-w', '70', '-c', '90'], ['-d', 'free', '-d', 'used', '-g', 'percentage', '-w', '70', '-c', '90'],
    ['-d', 'FREE', '-w', '30'], ['-d', 'nosuch'], ['-g', 'percentage', '-d', 'used'], ['-g', 'percentage', '-d', 'nosuch']),
  load('-d', 'shortterm', '-d', 'SHORTTERM'), load('-d', 'longterm', '-d', 'shortterm', '-c', '2'), load('-d', ''),
  load('-d', 'short'), load('-d', 'nosuch', '-d', 'shortterm'),
  # What is not a number.
  ['-H', 'web1', '-n', 'n/gauge'], ['-H', 'web1', '-n', 'n/gauge', '-m'], ['-H', 'web1', '-n', 'n/gauge', '-g', 'average', '-w', '1'],
  ['-H', 'web1', '-n', 'n/gauge', '-g', 'percentage', '-m'],
  map({ mixed(@$_) } [], ['-m'], ['-m', '-w', '1', '-c', '5'], ['-g', 'average', '-w', '2', '-c', '5'],
    ['-g', 'average', '-m', '-w', '2', '-c', '5'], ['-g', 'sum', '-m'], ['-g', 'sum', '-c', '8'], ['-g', 'percentage'],
    ['-g', 'percentage', '-m'], ['-g', 'percentage', '-m', '-d', 'midterm', '-d', 'shortterm']),
  map({ ['-H', 'web2', '-n', 'all/load', @$_] } [], ['-g', 'sum'], ['-g', 'sum', '-m'], ['-g', 'average'], ['-g', 'percentage']),
  ['-H', 'web2', '-n', 'mix/load-f', '-g', 'percentage', '-w', '20'], ['-H', 'web2', '-n', 'mix/load-z', '-g', 'percentage'],
  ['-H', 'web2', '-n', 'mix/load-z', '-g', 'average'],
  # Numbers.
  map({ ['-H', 'web2', '-n', "$_->[0]/gauge", @$_[1 .. $#$_]] } ['big'], ['big', '-g', 'sum'], ['big', '-g', 'average', '-w', '10'],
    ['inf', '-w', '10'], ['inf', '-g', 'sum', '-w', '10'], ['inf', '-g', 'percentage'], ['tiny', '-g', 'sum'], ['tiny', '-g', 'percentage']),
  ['-H', 'web2', '-n', 'octets/if_octets', '-w', '150'], ['-H', 'web2', '-n', 'octets/if_octets', '-g', 'sum'],
  # Names.
  ['-H', 'web2', '-n', 's p/gauge-a b', '-w', '3'], ['-H', 'WEB1', '-n', 'x/gauge'], ['-H', 'web1', '-n', 'X/gauge'],
  ['-H', 'web1', '-n', 'x-/gauge'], ['-H', 'web1', '-n', '-x/gauge'], ['-H', 'web1', '-n', 'nosuch/gauge'],
  ['-H', 'web1', '-n', 'x/nosuchtype'], ['-H', 'web1', '-n', 'bogus'], ['-H', 'web1', '-n', ''], ['-H', '', '-n', 'x/gauge'],
  ['-H', 'web1', '-n', 'a/b/c'], ['-H', 'a/b', '-n', 'x/gauge'], ['-H', 'web1', '-n', 'x/gauge"'], ['-H', 'web1', '-n', 'x/gauge '],
  # Lists.
  ['-n', 'LIST'], ['-n', 'list'], ['-H', 'web1', '-n', 'LIST'], ['-H', 'web3', '-n', 'LIST'], ['-H', 'web2', '-n', 'LIST', '-d', 'x'],
  ['-H', 'WEB2', '-n', 'List'], ['-H', 'nosuch', '-n', 'LIST'],
  # Usage.
  ['-h'], ['-x'], ['-n', 'x/gauge'], ['-H', 'web1'], one('-g', 'foo'), one('extra', 'words'), one('-w'),
  # The last socket wins.
  one('-s', '/nonexistent'), ['-H', 'web1', '-n', 'bogus', '-s', '/nonexistent'], ['-n', 'LIST', '-s', '/nonexistent'],
);
cmp_ok(scalar @invocations, '>=', 60, scalar(@invocations) . ' invocations');
for my $invocation (@invocations) {
  my %said;
  for my $program ('collectd-nagios', $ours) {
    for my $who (sort keys %daemon) {
      my ($status, $out) = run($program eq $ours ? $ours : "/usr/bin/$program", '-s', $daemon{$who}->socket, @$invocation);
      $said{$program . ' asks ' . $who} = "$out\[exit $status]";
    }
  }
  my $expected = delete $said{'collectd-nagios asks collectd'};
  my $name = join(' ', map { length && !/[ "]/ ? $_ : "'$_'" } @$invocation);
  is_deeply(\%said, {map { $_ => $expected } keys %said}, $name);
}
is((run($ours, '-H', 'web1', '-n', 'x/gauge'))[0], 1, 'without a socket: usage, exit 1');
like((run($ours, '-h'))[2], qr/^Usage: /, 'which goes to standard error');

# A daemon of the test's own: it answers as it is told, or not at all.
sub fake {
  my (%answers) = @_;
  my $path = workdir() . '/socket';
  my $listener = IO::Socket::UNIX->new(Local => $path, Listen => 5) or die "$path: $!";
  my $pid = fork // die "fork: $!";
  if ($pid == 0) {
    $SIG{ALRM} = sub { POSIX::_exit(0) };
    alarm 120;
    while (my $client = $listener->accept) {
      while (my $line = <$client>) {
        my ($word) = $line =~ /^(\w+)/;
        sleep 60 if !defined $answers{$word};
        print $client $answers{$word};
        $client->flush;
      }
    }
    POSIX::_exit(0);
  }
  return {path => $path, pid => $pid};
}
my @fakes;
END { my $status = $?; for my $fake (@fakes) { kill('KILL', $fake->{pid}); waitpid($fake->{pid}, 0) } $? = $status }

sub said {
  my ($status, $out) = run($ours, @_);
  return "$out\[exit $status]";
}

subtest 'a value that is too old is UNKNOWN' => sub {
  my $recent = $now - 100;
  like($_->ask_it("PUTVAL web1/old/gauge interval=3600 $recent:1") . '', qr/^0 /, 'put') for values %daemon;
  for my $daemon (values %daemon) {
    ok(eventually(sub { grep { $_ eq 'web1/old/gauge' } $daemon->names }), 'and there');
  }
  for my $who (sort keys %daemon) {
    my @asked = ('-s', $daemon{$who}->socket, '-H', 'web1');
    is(said(@asked, '-n', 'old/gauge', '--freshness', '3600'), "OKAY: 0 critical, 0 warning, 1 okay | value=1.000000;;;;\n[exit 0]",
      "$who: fresh enough");
    like(said(@asked, '-n', 'old/gauge', '--freshness', '60'), qr{^UNKNOWN: web1/old/gauge is 1\d\d seconds old\n\[exit 3\]$}, "$who: too old");
    is(said(@asked, '-n', 'none/gauge', '--freshness', '60'), "UNKNOWN: web1/none/gauge has no value\n[exit 3]", "$who: not there");
  }
  is((run($ours, '-n', 'LIST', '--freshness', $_))[0], 1, "--freshness '$_' is none") for '', 'x', '0', '-1', '1s';
};

subtest 'a daemon that does not answer' => sub {
  my $mute = fake();
  push @fakes, $mute;
  my $begin = time;
  is(said('-s', $mute->{path}, '-H', 'a', '-n', 'b/c', '--timeout', '0.5'), "UNKNOWN: timed out: the daemon does not answer\n[exit 3]",
    'is UNKNOWN when the time is over');
  cmp_ok(time - $begin, '<', 8, 'which is kept');
  is(said('-s', $mute->{path}, '-n', 'LIST', '--timeout', '0.5'), "UNKNOWN: timed out: the daemon does not answer\n[exit 3]", 'also to LIST');
  kill('STOP', $mute->{pid});
  my @waiting = map { IO::Socket::UNIX->new(Peer => $mute->{path}, Timeout => 1) } 1 .. 6;
  is(said('-s', $mute->{path}, '-H', 'a', '-n', 'b/c', '--timeout', '0.5'), "UNKNOWN: timed out: the daemon does not answer\n[exit 3]",
    'also where it takes no more clients');
};

subtest 'a daemon that is away' => sub {
  my @asked = ('-s', '/nonexistent', '-H', 'a', '-n', 'b/c');
  is(said(@asked), "ERROR: Connecting to daemon at /nonexistent failed.\n[exit 2]", 'is CRITICAL as it always was');
  is(said(@asked, '--timeout', '5'), "UNKNOWN: Connecting to the daemon failed: /nonexistent: No such file or directory\n[exit 3]",
    'or UNKNOWN, with the reason, where an option of ours is given');
  is(said('-s', '/nonexistent', '--alerts'), "UNKNOWN: Connecting to the daemon failed: /nonexistent: No such file or directory\n[exit 3]",
    'also to --alerts');
};

subtest 'alerts' => sub {
  my $quiet = fake(ALERTS => "0 Alerts found\n", LISTVAL => "1 Value found\n" . time . " web1/x/gauge\n");
  my $firing = fake(
    ALERTS => "4 Alerts found\n"
      . "WARNING since=1700000300 identifier=\"web1/load/load\" message=\"load is high\"\n"
      . "FAILURE since=1700000200.5 identifier=\"web1/df-root/df\" message=\"disk \\\"root\\\" | full\" missing=true\n"
      . "FAILURE since=1700000100 identifier=\"web2/df-a b/df\" message=\"full\"\n"
      . "FAILURE since=1700000150 identifier=\"web1/df-root-x/df\" message=\"other\"\n",
    LISTVAL => "2 Values found\n" . (time - 1000) . " web3/x/gauge\n" . time . " web1/load/load\n");
  my $garbled = fake(ALERTS => "1 Alerts found\nnonsense\n");
  push @fakes, $quiet, $firing, $garbled;
  my $none = "OKAY: no alerts | failures=0;;;; warnings=0;;;;\n[exit 0]";
  local $ENV{TZ} = 'UTC';
  is(said('-s', $quiet->{path}, '--alerts'), $none, 'there are none');
  is(said('-s', $quiet->{path}, '--alerts', '-H', 'web1'), $none, 'none of a host');
  is(said('-s', $quiet->{path}, '--alerts', '-H', 'web1', '-n', 'x'), $none, 'none of a plugin');
  is(said('-s', $quiet->{path}, '--alerts', '-H', 'web1', '-n', 'x/gauge', '--freshness', '60'), $none, 'none of a series that is fresh');
  is(said('-s', $quiet->{path}, '--alerts', '-H', 'web4'), "UNKNOWN: web4 has no value\n[exit 3]", 'a host that nobody knows is UNKNOWN');
  is(said('-s', $quiet->{path}, '--alerts', '-H', 'web1', '-n', 'y'), "UNKNOWN: web1/y has no value\n[exit 3]", 'so is a plugin');
  is(said('-s', $firing->{path}, '--alerts', '-H', 'web3', '--freshness', '60'), "UNKNOWN: web3 has no value that is fresh\n[exit 3]",
    'and a host that went quiet');
  is(said('-s', $firing->{path}, '--alerts', '-H', 'web1'),
    "CRITICAL: 2 failures, 1 warning: web1/df-root-x/df: other | failures=2;;;; warnings=1;;;;\n"
      . "FAILURE web1/df-root-x/df since 2023-11-14 22:15:50: other\n"
      . "FAILURE web1/df-root/df since 2023-11-14 22:16:40: disk \"root\" / full\n"
      . "WARNING web1/load/load since 2023-11-14 22:18:20: load is high\n[exit 2]", 'all of a host, the worst and oldest first');
  is(said('-s', $firing->{path}, '--alerts', '-H', 'web1', '-n', 'load'),
    "WARNING: 0 failures, 1 warning: web1/load/load: load is high | failures=0;;;; warnings=1;;;;\n"
      . "WARNING web1/load/load since 2023-11-14 22:18:20: load is high\n[exit 1]", 'those of a plugin');
  like(said('-s', $firing->{path}, '--alerts', '-H', 'web1', '-n', 'df-root/df'), qr{^CRITICAL: 1 failure, 0 warnings: web1/df-root/df: }, 'those of a series');
  like(said('-s', $firing->{path}, '--alerts'), qr/^CRITICAL: 3 failures, 1 warning: web2/, 'those of all hosts');
  is(said('-s', $garbled->{path}, '--alerts'), "UNKNOWN: The daemon's answer is not understood: nonsense\n[exit 3]", 'an answer that makes no sense');
  is(said('-s', $daemon{collectd}->socket, '--alerts'), "UNKNOWN: Asking for alerts failed: Server error: Unknown command: ALERTS\n[exit 3]",
    'a daemon that has no alerts says so');
};

done_testing;
