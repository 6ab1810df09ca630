#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# collectd and vitald ping the same hosts from one network namespace: some answer late, some not
# always, one never, one cannot be reached, one has no address and one gets one later.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use List::Util qw(sum);
use Test::More;
use Time::HiRes qw(sleep time);
use FarEnd;
use Vital;

plan skip_all => 'the plugin ping is not built' if !-e "$BUILD/plugins/ping.so";
plan skip_all => 'there is no /dev/net/tun' if !-e '/dev/net/tun';
need('collectd', 'ip', 'mount', 'setpriv', 'unshare');
if (!$ENV{PING_INSIDE}) {
  my @unshare = ('unshare', '--net', '--mount', $> == 0 ? () : '--map-root-user');
  plan skip_all => 'no namespaces for us' if system("@unshare true 2>/dev/null") != 0;
  $ENV{PING_INSIDE} = 1;
  exec @unshare, $^X, $0, @ARGV or die "unshare: $!";
}

# Names are ours to give: this file lies over /etc/hosts.
my $names = spit(workdir() . '/hosts', "127.0.0.1 localhost\n10.77.0.99 moves.test\n");
FarEnd::command('mount', '--bind', $names, '/etc/hosts');

FarEnd::command('ip', 'link', 'set', 'lo', 'up');
my $far = FarEnd->new(
  address => ['10.77.0.1/24', '10.77.0.5/24', 'fd77::1/64'],
  hosts => {
    '10.77.0.20' => sub { 0.02 },
    'fd77::20' => sub { 0.02 },
    '10.77.0.25' => sub { my ($sequence) = @_; $sequence % 4 ? 0.001 : undef },
    '10.77.0.30' => sub { my ($sequence) = @_; $sequence % 2 ? 0.01 : 0.03 },
    '10.77.0.64' => sub { my (undef, $size, $ttl) = @_; $size == 20 + 8 + 100 && $ttl == 64 ? 0.001 : undef },
    'fd77::64' => sub { my (undef, $size, $ttl) = @_; $size == 40 + 8 + 100 && $ttl == 64 ? 0.001 : undef },
    '10.77.0.99' => sub { undef },
  });

# identifier without the host => its values in their order, undef for NaN
sub reports {
  my ($directory) = @_;
  my %reports;
  for my $path (files_below("$directory/csv/localhost")) {
    my ($identifier) = $path =~ m{^(.*)-\d{4}-\d\d-\d\d$} or next;
    for my $line (grep { /^\d/ } split /\n/, slurp("$directory/csv/localhost/$path")) {
      my (undef, $value) = split /,/, $line;
      push @{$reports{$identifier}}, $value =~ /nan/i ? undef : $value;
    }
  }
  return \%reports;
}

sub with_csv {
  my ($directory, $options) = @_;
  return "LoadPlugin csv\n<Plugin csv>\n  DataDir \"$directory/csv\"\n</Plugin>\n"
    . "LoadPlugin ping\n<Plugin ping>\n$options</Plugin>\n";
}

# Both daemons for so many seconds: what each reported.
sub both {
  my ($seconds, $options) = @_;
  my ($theirs, $ours) = (workdir(), workdir());
  my $collectd = start_collectd(with_csv($theirs, $options), interval => 2);
  my $vitald = start_vitald(with_csv($ours, $options), interval => 2);
  sleep $seconds;
  my $begin = time;
  is($vitald->stop, 0, 'vitald ends well');
  cmp_ok(time - $begin, '<', 1, 'and at once, while replies are waited for');
  $collectd->stop;
  return ({collectd => reports($theirs), vitald => reports($ours)}, $vitald->log);
}

sub mean { my @known = grep { defined } @_; return @known ? sum(@known) / @known : undef }

# What a host's values may be, on the whole: bounds that leave room for a busy machine.
my $near = {ping => [0, 15], ping_stddev => [0, 15], ping_droprate => [0, 0.1]};
my $far_away = {ping => [20, 40], ping_stddev => [0, 15], ping_droprate => [0, 0.1]};
my $silent = {ping => undef, ping_stddev => undef, ping_droprate => [1, 1]};
my %expected = (
  '127.0.0.1' => $near,
  '::1' => $near,
  '10.77.0.20' => $far_away,
  'fd77::20' => $far_away,
  '10.77.0.25' => {ping => [1, 15], ping_stddev => [0, 15], ping_droprate => [0.2, 0.35]},
  '10.77.0.30' => {ping => [20, 40], ping_stddev => [9, 20], ping_droprate => [0, 0.1]},
  '10.77.0.64' => $near,     # answers only what Size and TTL say
  'fd77::64' => $near,
  '10.77.0.99' => $silent,
  '192.0.2.1' => $silent,    # no route
);

subtest 'near, far, lossy and silent hosts' => sub {
  my ($reports, $log) = both(20,
    join('', map { "  Host \"$_\"\n" } sort(keys %expected), 'has-no-address.invalid')
    . "  Interval 0.1\n  Timeout 0.09\n  TTL 64\n  Size 100\n  MaxMissed 1000\n");
  for my $who (qw(collectd vitald)) {
    is_deeply([sort keys %{$reports->{$who}}],
      [sort map { my $host = $_; map { "ping/$_-$host" } keys %{$expected{$host}} } keys %expected],
      "$who: three values for each host that has an address");
    for my $host (sort keys %expected) {
      for my $type (sort keys %{$expected{$host}}) {
        my $bounds = $expected{$host}{$type};
        my @values = @{$reports->{$who}{"ping/$type-$host"} // []};
        cmp_ok(scalar @values, '>=', 8, "$who: $type-$host came at each interval");
        my $mean = mean(@values);
        if (!defined $bounds) {
          ok(!defined $mean, "$who: $type-$host is NaN");
          next;
        }
        ok(defined $mean && $bounds->[0] <= $mean && $mean <= $bounds->[1],
          "$who: $type-$host lies from $bounds->[0] to $bounds->[1]") or diag explain \@values;
      }
    }
  }
  for my $host (sort keys %expected) {
    my ($theirs, $ours) = map { mean(@{$reports->{$_}{"ping/ping-$host"}}) } qw(collectd vitald);
    next if !defined $theirs || !defined $ours;
    cmp_ok(abs($theirs - $ours), '<', 8, "$host is as far away for both, to within 8 ms");
  }
  my @said = $log =~ /(looking up has-no-address\.invalid fails)/g;
  is(scalar @said, 1, 'vitald says once that a host has no address');
};

subtest 'a source, a device and a family of addresses' => sub {
  for my $case (
    ['SourceAddress "10.77.0.5"', ['10.77.0.20'], ['fd77::20']],
    ['SourceAddress "fd77::1"', ['fd77::20'], ['10.77.0.20']],
    ['AddressFamily "ipv4"', ['10.77.0.20'], ['fd77::20']],
    ['AddressFamily "ipv6"', ['fd77::20'], ['10.77.0.20']],
    ['Device "far0"', ['10.77.0.20', 'fd77::20'], []])
  {
    my ($option, $alive, $without) = @$case;
    my ($reports) = both(5, "  Host \"10.77.0.20\"\n  Host \"fd77::20\"\n  $option\n"
      . "  Interval 0.2\n  Timeout 0.15\n");
    is_deeply([sort keys %{$reports->{vitald}}],
      [sort map { ("ping/ping-$_", "ping/ping_stddev-$_", "ping/ping_droprate-$_") } @$alive],
      "$option: vitald reports @$alive");
    is_deeply([sort keys %{$reports->{vitald}}], [sort keys %{$reports->{collectd}}],
      "$option: so does collectd");
  }
};

subtest 'a device that comes later' => sub {
  my $directory = workdir();
  my $vitald = start_vitald(with_csv($directory,
    "  Host \"10.77.0.20\"\n  Device \"late0\"\n  Interval 0.2\n  Timeout 0.15\n"));
  ok(eventually { $vitald->log =~ /ping: .* fails: .*No such device/ }, 'that it is not there is said')
    or diag $vitald->log;
  is(scalar(() = $vitald->log =~ /fails/g), 1, 'once');
  FarEnd::command('ip', 'tuntap', 'add', 'dev', 'late0', 'mode', 'tun');
  ok(eventually(sub { $vitald->log =~ /works again/ }, 30), 'and so is that it came') or diag $vitald->log;
  FarEnd::command('ip', 'tuntap', 'del', 'dev', 'late0', 'mode', 'tun');
};

subtest 'a host that moves to another address' => sub {
  my $directory = workdir();
  my $vitald = start_vitald(with_csv($directory,
    "  Host \"moves.test\"\n  Host \"comes.test\"\n  Interval 0.2\n  Timeout 0.15\n  MaxMissed 5\n"));
  my $newest = sub { my ($what) = @_; return (reports($directory)->{"ping/$what.test"} // [])->[-1] };
  ok(eventually { ($newest->('ping_droprate-moves') // 0) == 1 }, 'it does not answer');
  spit($names, "127.0.0.1 localhost\n10.77.0.20 moves.test comes.test\n");
  ok(eventually(sub { ($newest->('ping_droprate-moves') // 1) == 0 }, 25), 'until its address is looked up again');
  ok(eventually(sub { ($newest->('ping-comes') // 0) > 15 }, 25), 'one that had no address got one');
  like($vitald->log, qr/moves\.test has left 5 requests in a row unanswered/, 'the first is said');
  like($vitald->log, qr/looking up comes\.test works again/, 'the second, too');
};

subtest 'without the right to raw sockets' => sub {
  my $program = $VITALD;
  my $directory = workdir();
  $Vital::VITALD = spit("$directory/without", "#!/bin/sh\nexec setpriv --bounding-set -net_raw $program \"\$@\"\n");
  chmod 0755, $Vital::VITALD;
  my $vitald = start_vitald(with_csv($directory, "  Host \"127.0.0.1\"\n") . "LoadPlugin load\n");
  $Vital::VITALD = $program;
  ok(eventually { $vitald->log =~ /raw ICMP sockets: Operation not permitted/ }, 'it is said')
    or diag $vitald->log;
  like($vitald->log, qr/AmbientCapabilities=CAP_NET_RAW.*setcap cap_net_raw.*ping_group_range/, 'with what to do about it');
  ok(eventually { -e "$directory/csv/localhost/load" }, 'and the others go on');
  sleep 3;
  is(scalar(() = $vitald->log =~ /raw ICMP sockets/g), 1, 'once');
};

done_testing;
