#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Programs that print values and programs that are told of notifications: the same as in the real
# collectd where they behave, and harmless where they do not.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Time::HiRes qw(sleep time);
use Vital;

need('collectd', 'ruby', 'setpriv');
plan(skip_all => 'only root can run programs as somebody else') if $> != 0;

# Where nobody may go as well.
sub open_dir {
  my $dir = workdir();
  chmod(0777, $dir);
  return $dir;
}

sub program {
  my ($path, $text) = @_;
  spit($path, $text);
  chmod(0755, $path);
  return $path;
}

sub children_of {
  my ($daemon) = @_;
  my $pid = $daemon->pid;
  return split(' ', join(' ', map { slurp($_) // '' } glob("/proc/$pid/task/*/children")));
}

# What runs in that directory.
sub running_in {
  my ($dir) = @_;
  return grep { my $cwd = readlink("$_/cwd"); defined $cwd && $cwd eq $dir } glob('/proc/[0-9]*');
}

# All values of a daemon whose plugin has that name, without totals.
sub values_of {
  my ($daemon, $plugin) = @_;
  my %values;
  for my $name (grep { m{/$plugin(-[^/]*)?/(?!derive|counter|absolute)} } $daemon->names) {
    $values{$name} = join(' ', $daemon->ask_it("GETVAL \"$name\""));
  }
  return \%values;
}

subtest 'programs in several languages print the same values here and there' => sub {
  my $dir = open_dir();
  program("$dir/shell", <<'END');
#!/bin/sh
HOST="${COLLECTD_HOSTNAME:-localhost}"
INTERVAL="${COLLECTD_INTERVAL:-60}"
echo "PUTVAL \"$HOST/sh/gauge-id\" interval=$INTERVAL N:$(id -u)"
echo "PUTVAL $HOST/sh/gauge-group interval=$INTERVAL N:$(id -g)"
echo "PUTVAL $HOST/sh/gauge-real_group interval=$INTERVAL N:$(id -rg)"
echo "PUTVAL $HOST/sh/gauge-groups N:$(id -G | wc -w)"
echo "PUTVAL $HOST/sh/gauge-descriptors N:$(ls /proc/self/fd | wc -l)"
echo "PUTVAL $HOST/sh/gauge-interval N:$INTERVAL"
echo "PUTVAL $HOST/sh/gauge-arguments N:$#:"
echo "putval $HOST/sh/if_octets interval=2 N:100:200"
echo "PUTVAL $HOST/sh/gauge-two 1700000000:1 1700000010:2"
echo "PUTVAL $HOST/sh/gauge-U N:U"
echo "PUTVAL other/sh/gauge-\"quoted name\" N:0x10"
echo "PUTVAL $HOST/sh/gauge-stdin N:$(wc -c)"
echo "PUTVAL $HOST/sh/nope N:1"
printf "PUTVAL $HOST/sh/gauge-crlf N:5\r\n"
echo "nonsense"
END
  program("$dir/perl", <<'END');
#!/usr/bin/perl
$| = 1;
my ($host, $interval) = @ENV{qw(COLLECTD_HOSTNAME COLLECTD_INTERVAL)};
my $count = 0;
while (1) {
  print "PUTVAL $host/perl/gauge-name interval=$interval N:", length($0 =~ s,.*/,,r), "\n";
  print "PUTVAL $host/perl/gauge-arguments interval=$interval N:", scalar(@ARGV), "\n";
  print "PUTVAL $host/perl/gauge-second interval=$interval N:", length($ARGV[1]), "\n";
  print "PUTVAL $host/perl/derive-count interval=$interval N:", $count += 10, "\n";
  sleep $interval;
}
END
  program("$dir/ruby", <<'END');
#!/usr/bin/env ruby
$stdout.sync = true
host = ENV['COLLECTD_HOSTNAME']
interval = ENV['COLLECTD_INTERVAL'].to_f
loop do
  puts "PUTVAL \"#{host}/ruby-a b/load\" interval=#{interval} #{Time.now.to_i}:1:2:3"
  puts "PUTVAL #{host}/ruby/gauge N:#{Process.euid}"
  sleep interval
end
END
  my $config = "LoadPlugin exec\n<Plugin exec>\n  Exec \"nobody:daemon\" \"$dir/shell\" \"-x\" \"two words\"\n"
    . "  Exec \"nobody\" \"$dir/perl\" \"a\" \"b c\" \"3\"\n  Exec \"daemon:\" \"$dir/ruby\"\n"
    . "  Exec \"root\" \"$dir/shell\"\n</Plugin>\n";
  my $collectd = start_collectd("TypesDB \"$SOURCE/etc/types.db\"\n$config");
  my $vitald = start_vitald($config);
  for my $daemon ($collectd, $vitald) {
    ok(eventually(sub { 1 == grep { m{/sh/gauge-crlf} } $daemon->names }), 'shell');
    ok(eventually(sub { 1 == grep { m{/perl/derive-count} } $daemon->names }), 'Perl');
    ok(eventually(sub { 1 == grep { m{/ruby-a b/load} } $daemon->names }), 'Ruby');
  }
  for my $plugin (qw(sh perl ruby)) {
    is_deeply(values_of($vitald, $plugin), values_of($collectd, $plugin), "the same of $plugin");
    cmp_ok(scalar(keys %{values_of($vitald, $plugin)}), '>=', 2, 'which is something');
  }
  ok(eventually(sub { $vitald->ask_it('GETVAL localhost/perl/derive-count') =~ /value=(1\.\d+e\+01|9\.\d+e\+00)/ }), 'a program that goes on for ever');
  like($vitald->log, qr/exec\/shell: the program fails: not allowed: running a program as root/, 'none runs as root');
  like($vitald->log, qr/exec\/shell: a line is not understood: .*nope/, 'a wrong line is said');
  is($vitald->stop, 0, 'stops');
  unlike($vitald->log, qr/was ended by signal/, 'and blames nobody for being ended then');
  $collectd->stop;
};

subtest 'programs are told of notifications as collectd tells them' => sub {
  my (%text, %arguments);
  my $config = sub {
    my ($dir) = @_;
    program("$dir/tell", "#!/bin/sh\ncat >\"$dir/text.\$\$\"; echo \"\$# \$1\" >>\"$dir/arguments\"; mv \"$dir/text.\$\$\" \"$dir/told\"\n");
    return "LoadPlugin exec\n<Plugin exec>\n  NotificationExec \"nobody\" \"$dir/tell\" \"x y\"\n</Plugin>\n";
  };
  my ($there, $here) = (open_dir(), open_dir());
  my $collectd = start_collectd($config->($there), dir => $there);
  my $vitald = start_vitald($config->($here), dir => $here);
  for my $command ('PUTNOTIF severity=warning time=1700000000.25 host=h plugin=p type=t message="Too much"',
    'PUTNOTIF severity=okay time=1700000001 host=h plugin=p plugin_instance=pi type=t type_instance=ti s:Some="a b" message="m"') {
    for my $daemon ($collectd, $vitald) {
      $daemon->ask_it($command);
      ok(eventually(sub { -e "$daemon->{dir}/told" }), 'told');
      $text{$daemon} = slurp("$daemon->{dir}/told");
      unlink "$daemon->{dir}/told";
    }
    is($text{$vitald}, $text{$collectd}, 'the same text');
    like($text{$vitald}, qr/\ASeverity: /, 'which is something');
  }
  is(slurp("$here/arguments"), slurp("$there/arguments"), 'the same arguments');
  is($vitald->stop, 0, 'stops');
  $collectd->stop;
};

# A daemon with a program that goes astray, beside one that does not, and a reader. What is to be
# named, and how long until then.
sub astray {
  my ($text, $says, %options) = @_;
  my $dir = open_dir();
  program("$dir/astray", "#!/usr/bin/perl\n\$| = 1;\n$text\n");
  program("$dir/good", "#!/bin/sh\nwhile :; do echo PUTVAL localhost/good/gauge interval=1 N:1; sleep 1; done\n");
  my $daemon = start_vitald("LoadPlugin uptime\nLoadPlugin exec\n<Plugin exec>\n  Exec \"nobody\" \"$dir/astray\"\n  Exec \"nobody\" \"$dir/good\"\n</Plugin>\n",
    dir => $dir);
  ok(eventually(sub { !defined $says || $daemon->log =~ $says }, 15), 'it is named');
  my $reads = $daemon->status_of('reader', 'uptime')->{reads};
  ok(eventually(sub { $daemon->status_of('reader', 'uptime')->{reads} >= $reads + 3 }), 'the readers go on');
  is($daemon->status_of('reader', $_)->{missed}, 0, "$_ missed no tick") for qw(uptime exec);
  ok((grep { $_ eq 'localhost/good/gauge' } $daemon->names), 'the other program goes on');
  if (defined $says) {
    my $log = $daemon->log;
    my $times = () = $log =~ /$says/g;
    is($times, 1, 'named once');
  }
  $options{while}->($daemon) if $options{while};
  my $files = () = glob('/proc/' . $daemon->pid . '/fd/*');
  cmp_ok($files, '<', 40, 'no descriptor is left behind');
  ok(eventually(sub { !grep { /^State:\s+Z/m } map { slurp("/proc/$_/status") // '' } children_of($daemon) }), 'no zombie');
  my $resident = (slurp('/proc/' . $daemon->pid . '/status') // '') =~ /^VmRSS:\s+(\d+)/m ? $1 : 0;
  cmp_ok($resident, '<', 40_000, 'and no memory');
  my $begin = time;
  is($daemon->stop, 0, 'the daemon stops');
  cmp_ok(time - $begin, '<', 5, 'within 5 s');
  ok(eventually(sub { !running_in($dir) }), 'nothing is left') or diag(join(' ', running_in($dir)));
}

subtest 'one that prints 100 MB' => sub {
  astray('my $line = "PUTVAL localhost/flood/gauge N:1\n" x 1000; print $line for 1 .. 3200; sleep 1000',
    qr/exec\/astray: it prints more than 8 MiB in an interval/);
};

subtest 'one that never ends a line' => sub {
  astray('print "x" x 65536 while 1', qr/exec\/astray: a line is longer than 64 KiB/);
};

subtest 'one that floods its errors' => sub {
  astray('print STDERR "complaint\n" while 1', undef, while => sub {
    my $said = () = $_[0]->log =~ /exec\/astray: says: complaint/g;
    cmp_ok($said, '>=', 10, 'it is in the log');
    cmp_ok($said, '<=', 60, 'but not all of it');
  });
};

subtest 'one that starts others' => sub {
  astray('for (1 .. 3) { if (!fork) { sleep 1000; exit } } print "PUTVAL localhost/forks/gauge N:1\n"; sleep 1000', undef);
};

subtest 'one that closes its output and lives on' => sub {
  astray('close STDOUT; sleep 1000', qr/exec\/astray: the program fails: .*closed its output/);
};

subtest 'one that ignores SIGTERM' => sub {
  astray('$SIG{TERM} = "IGNORE"; close STDOUT; sleep 1 while 1', qr/exec\/astray: the program fails: .*closed its output/);
};

subtest 'one that dies at once' => sub {
  astray('exit 3', qr/exec\/astray: the program fails: .*ended with status 3/);
};

subtest 'one that is not there' => sub {
  my $daemon = start_vitald("LoadPlugin exec\n<Plugin exec>\n  Exec \"nobody\" \"/no/such/program\"\n  Exec \"no_such_user\" \"/bin/true\"\n</Plugin>\n");
  ok(eventually(sub { $daemon->log =~ m{exec/program: the program fails: /no/such/program: No such file} }), 'said');
  ok(eventually(sub { $daemon->log =~ m{exec/true: the program fails: unknown: user no_such_user} }), 'a user that is not there, too');
  is($daemon->stop, 0, 'stops');
};

subtest 'one that ignores SIGTERM when the daemon stops' => sub {
  my $dir = open_dir();
  program("$dir/stubborn", "#!/usr/bin/perl\n\$| = 1; \$SIG{TERM} = 'IGNORE'; fork; print \"PUTVAL localhost/p/gauge N:1\\n\"; sleep 1 while 1;\n");
  my $daemon = start_vitald("LoadPlugin exec\n<Plugin exec>\n  Exec \"nobody\" \"$dir/stubborn\"\n</Plugin>\n", dir => $dir);
  ok(eventually(sub { grep { $_ eq 'localhost/p/gauge' } $daemon->names }), 'it prints');
  is($daemon->stop, 0, 'the daemon stops');
  ok(eventually(sub { !running_in($dir) }), 'and nothing is left');
};

subtest 'what it says on standard error is in the log' => sub {
  my $dir = open_dir();
  program("$dir/says", "#!/bin/sh\necho 'first words' >&2; echo PUTVAL localhost/p/gauge N:1; printf 'last words' >&2\n");
  my $daemon = start_vitald("LoadPlugin exec\n<Plugin exec>\n  Exec \"nobody\" \"$dir/says\"\n</Plugin>\n", dir => $dir);
  ok(eventually(sub { $daemon->log =~ /exec\/says: says: first words\n/ }), 'under its name');
  ok(eventually(sub { $daemon->log =~ /exec\/says: says: last words\n/ }), 'also right before its end');
  is($daemon->stop, 0, 'stops');
};

done_testing;
