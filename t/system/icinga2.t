#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Icinga 2, really running, on the commands, templates and examples of contrib/icinga: its states follow
# the values that vitald holds and what its thresholds say.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use POSIX ();
use Test::More;
use Vital;

need('icinga2');

my $dir = workdir();
chmod 0755, $dir;
$ENV{PATH} = "$BUILD/src:$ENV{PATH}";
my $vitald = start_vitald("CollectInternalStats false\nTimeout 1000\nLoadPlugin threshold\n<Plugin threshold>\n"
    . "  <Plugin df>\n    <Type percent_bytes>\n      WarningMax 80\n      FailureMax 90\n    </Type>\n  </Plugin>\n</Plugin>\n");

# What stands there, with the examples, and with times in seconds.
my $text = slurp("$SOURCE/contrib/icinga/vitald.conf");
my ($used) = $text =~ /how they are used -+\n(.*)/s;
$used =~ s{^// ?}{}mg;
$text =~ s{/run/vitald/vitald\.sock}{$vitald->socket}e;
$text =~ s/_interval = \d+[sm]/_interval = 1/g;
$text =~ s/vitald_freshness = 60/vitald_freshness = 4/g;
$text =~ s/^(template (?:Host|Service) .*\{)$/$1\n  max_check_attempts = 1/mg;
my $format = sub { return '"' . join('|', map { "\$$_\$" } @_) . '"' };
spit("$dir/icinga2.conf", "include <itl>\n$text\n$used"
    . "object Host \"web2\" {\n  import \"vitald-host\"\n  check_command = \"vitald_alerts\"\n}\n"
    . "object CheckerComponent \"checker\" { }\nobject PerfdataWriter \"states\" {\n  rotation_interval = 1s\n"
    . join('', map { "  ${_}_temp_path = \"$dir/$_.new\"\n  ${_}_perfdata_path = \"$dir/$_.states\"\n" } 'host', 'service')
    . '  host_format_template = ' . $format->('host.name', 'host.state', 'host.output')
    . "\n  service_format_template = " . $format->('service.name', 'service.state', 'service.output') . "\n}\n");
mkdir "$dir/icinga" or die "mkdir: $!";
my $user = getpwuid($>);
my $group = getgrgid($) + 0);
my @icinga = ('icinga2', 'daemon', '-c', "$dir/icinga2.conf", (map { ('-D', "$_=$dir/icinga") } qw(DataDir LogDir CacheDir SpoolDir InitRunDir)),
  '-D', "RunAsUser=$user", '-D', "RunAsGroup=$group");
my ($status, $out, $err) = run(@icinga, '-C');
is($status, 0, 'the configuration is valid, examples and all') or die "$out$err";
like("$out$err", qr/Instantiated 4 Services/, 'and makes four services');

my $icinga = fork // die "fork: $!";
if ($icinga == 0) {
  POSIX::setsid();
  open(STDIN, '<', '/dev/null');
  open(STDOUT, '>', "$dir/icinga.out");
  open(STDERR, '>&', \*STDOUT);
  exec(@icinga) or POSIX::_exit(127);
}
END {
  my $status = $?;
  if ($icinga) {
    kill('TERM', $icinga);
    my $ended = eventually { waitpid($icinga, POSIX::WNOHANG()) == $icinga } 10;
    if (!$ended) {
      kill('KILL', -$icinga);  # its processes as well
      waitpid($icinga, 0);
    }
  }
  $? = $status;
}

# What a check said last, and which state that is.
sub state_of {
  my ($kind, $name) = @_;
  my $last = 'pending';
  for my $file (sort glob("$dir/$kind.states*")) {
    my @states = (slurp($file) // '') =~ /^\Q$name\E\|(.*?) *$/mg;
    $last = $states[-1] if @states;
  }
  return $last;
}

# Values are put again and again, as a reader does it, until the state is there.
sub becomes {
  my ($kind, $name, $expected, $what, @values) = @_;
  my $last = '';
  ok(eventually(sub {
    $vitald->ask_it("PUTVAL $_") for @values, 'web1/uptime/uptime N:1';
    $last = state_of($kind, $name);
    return $last =~ $expected;
  }, 40), $what) or die "it is: $last\n" . (slurp("$dir/icinga.out") // '');
}

becomes('host', 'web1', qr/^UP\|OKAY/, 'the host is up');
becomes('service', 'load', qr/^OK\|OKAY/, 'a value: OK', 'web1/load/load N:1:9:9');
becomes('service', 'load', qr/^WARNING\|WARNING: 0 critical, 1 warning, 0 okay/, 'a value: WARNING', 'web1/load/load N:5:9:9');
becomes('service', 'load', qr/^CRITICAL\|CRITICAL: 1 critical, 0 warning, 0 okay/, 'a value: CRITICAL', 'web1/load/load N:9:0:0');
becomes('service', 'load', qr{^UNKNOWN\|UNKNOWN: web1/load/load is \d+ seconds old}, 'a value: UNKNOWN');
becomes('service', 'disks', qr{^UNKNOWN\|UNKNOWN: web1/df has no value$}, 'thresholds: UNKNOWN before there is anything to judge');
my $disk = 'df-root/percent_bytes-used';
becomes('service', 'disks', qr/^OK\|OKAY: no alerts$/, 'thresholds: OK', "web1/$disk N:50");
becomes('service', 'disks', qr{^WARNING\|WARNING: 0 failures, 1 warning: web1/$disk: Data source "value" is currently 85\.}, 'thresholds: WARNING', "web1/$disk N:85");
becomes('service', 'disks', qr{^CRITICAL\|CRITICAL: 1 failure, 0 warnings: web1/$disk: Data source "value" is currently 95\.}, 'thresholds: CRITICAL', "web1/$disk N:95");
becomes('service', 'thresholds', qr/^CRITICAL\|CRITICAL: 1 failure/, 'those of the host as well', "web1/$disk N:95");
becomes('service', 'disks', qr/^OK\|OKAY: no alerts$/, 'thresholds: OK again', "web1/$disk N:50");
becomes('service', 'disks', qr{^UNKNOWN\|UNKNOWN: web1/df has no value that is fresh$}, 'thresholds: UNKNOWN, for nothing came for a while');
becomes('host', 'web2', qr{^DOWN\|UNKNOWN: web2 has no value$}, 'a host by its thresholds is down while nothing comes');
becomes('host', 'web2', qr/^UP\|OKAY/, 'and up', "web2/$disk N:50");
becomes('host', 'web2', qr/^UP\|WARNING/, 'also with a warning', "web2/$disk N:85");
becomes('host', 'web2', qr/^DOWN\|CRITICAL/, 'but not with a failure', "web2/$disk N:95");
is($vitald->stop, 0, 'vitald stops');
becomes('service', 'disks', qr/^UNKNOWN\|UNKNOWN: Connecting to the daemon failed: /, 'without vitald: UNKNOWN');
done_testing;
