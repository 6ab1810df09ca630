# SPDX-License-Identifier: MIT
# What the system tests share: starts the real daemons on directories of their own, waits for things
# to happen instead of sleeping, and takes everything down again whatever happens.
package Vital;
use strict;
use warnings;
use Cwd qw(abs_path);
use Errno;
use Exporter qw(import);
use File::Basename qw(dirname);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use IO::Socket::UNIX;
use POSIX qw(:sys_wait_h);
use Socket;
use Time::HiRes qw(sleep time);

our @EXPORT = qw($SOURCE $BUILD $VITALD $VITALCTL workdir spit slurp eventually run start_vitald
  start_collectd ask listing files_below need);

our $SOURCE = abs_path(dirname(__FILE__) . '/../../..');
our $BUILD = abs_path($ENV{BUILD} // "$SOURCE/build");
our $VITALD = "$BUILD/src/vitald";
our $VITALCTL = "$BUILD/src/vitalctl";

-x $VITALD or die "no vitald in $BUILD: build it, or name the build directory in BUILD\n";

my @running;

# A directory that is gone when the test is over.
sub workdir { return tempdir('vital-system-XXXXXX', TMPDIR => 1, CLEANUP => 1) }

sub spit {
  my ($path, $text) = @_;
  make_path(dirname($path));
  open(my $file, '>', $path) or die "$path: $!";
  print $file $text;
  close($file) or die "$path: $!";
  return $path;
}

sub slurp {
  my ($path) = @_;
  open(my $file, '<', $path) or return undef;
  local $/;
  my $text = <$file>;
  return $text // '';
}

# A peer that the test cannot do without.
sub need {
  for my $program (@_) {
    grep { -x "$_/$program" } split(/:/, $ENV{PATH} . ':/usr/sbin:/sbin') or die "missing peer: $program\n";
  }
}

# Waits until the block gives something true, which is returned; false after so many seconds.
sub eventually(&;$) {
  my ($block, $seconds) = @_;
  my $end = time + ($seconds // 10);
  while (1) {
    my $result = $block->();
    return $result if $result;
    return if time > $end;
    sleep 0.05;
  }
}

# Runs a program to its end: exit status, standard output, standard error.
sub run {
  my (@command) = @_;
  my $directory = workdir();
  my $pid = fork // die "fork: $!";
  if ($pid == 0) {
    open(STDIN, '<', '/dev/null');
    open(STDOUT, '>', "$directory/out");
    open(STDERR, '>', "$directory/err");
    exec { $command[0] } @command or POSIX::_exit(127);
  }
  waitpid($pid, 0);
  my $status = $? & 127 ? "signal " . ($? & 127) : $? >> 8;
  return ($status, slurp("$directory/out"), slurp("$directory/err"));
}

# One command line on a control socket; the whole answer as a list of lines.
sub ask {
  my ($path, @lines) = @_;
  my $socket = IO::Socket::UNIX->new(Peer => $path) or return "cannot connect to $path: $!";
  setsockopt($socket, SOL_SOCKET, SO_RCVTIMEO, pack('l!l!', 5, 0)) or die "setsockopt: $!";
  my @answers;
  for my $line (@lines) {
    print $socket "$line\n";
    my $head = <$socket>;
    if (!defined $head) {
      push @answers, $!{EAGAIN} ? 'no answer' : 'connection closed';
      last;
    }
    chomp $head;
    push @answers, $head;
    for (1 .. ($head =~ /^(\d+) / ? $1 : 0)) {
      my $more = <$socket> // last;
      chomp $more;
      push @answers, $more;
    }
  }
  return wantarray ? @answers : join("\n", @answers);
}

# The names that LISTVAL gives.
sub listing {
  my ($path) = @_;
  my (undef, @lines) = ask($path, 'LISTVAL');
  return map { s/^\S+ //r } @lines;
}

# All files below a directory, relative to it, sorted.
sub files_below {
  my ($directory) = @_;
  my @found = split(/\n/, `cd '$directory' 2>/dev/null && find . -type f | sed 's,^./,,' | sort`);
  return @found;
}

sub start_process {
  my ($self, @command) = @_;
  my $pid = fork // die "fork: $!";
  if ($pid == 0) {
    open(STDIN, '<', '/dev/null');
    open(STDOUT, '>>', "$self->{dir}/out");
    open(STDERR, '>>', "$self->{dir}/err");
    $ENV{$_} = $self->{env}{$_} for keys %{$self->{env} // {}};
    exec { $command[0] } @command or POSIX::_exit(127);
  }
  $self->{pid} = $pid;
  push @running, $self;
  return $self;
}

# Starts our daemon in the foreground. %options: dir (default: a new one), args, env, interval,
# types (the types database), wait (0: do not wait until it is ready), socket (0: no control socket), through (a command that runs
# it).
sub start_vitald {
  my ($config, %options) = @_;
  my $self = bless {%options}, __PACKAGE__;
  $self->{dir} //= workdir();
  $self->{interval} //= 1;
  $self->{socket} //= "$self->{dir}/vitald.sock";
  $self->{types} //= "$SOURCE/etc/types.db";
  my $types = $config =~ /^\s*TypesDB/m ? '' : "TypesDB \"$self->{types}\"\n";
  my $name = $config =~ /^\s*(Hostname|FQDNLookup)/m ? '' : "Hostname \"localhost\"\n";
  $self->{config} = spit("$self->{dir}/vitald.conf",
    "Interval $self->{interval}\nBaseDir \"$self->{dir}\"\nPluginDir \"$BUILD/plugins\"\n"
    . "ControlSocket \"$self->{socket}\"\n$types$name$config");
  start_process($self, @{$options{through} // []}, $VITALD, '-f', '-C', $self->{config}, @{$options{args} // []});
  $self->{wait} //= 1;
  if ($self->{wait} && !eventually { $self->log =~ /entering read-loop/ || !$self->alive }) {
    die "vitald did not start:\n" . $self->log;
  }
  return $self;
}

# Starts the real collectd with the unixsock plugin on $self->{socket}. %options: dir, interval, socket,
# through.
sub start_collectd {
  my ($config, %options) = @_;
  my $self = bless {%options}, __PACKAGE__;
  $self->{dir} //= workdir();
  $self->{interval} //= 1;
  $self->{socket} //= "$self->{dir}/collectd.sock";
  my $name = $config =~ /^\s*(Hostname|FQDNLookup)/m ? '' : "Hostname \"localhost\"\n";
  $self->{config} = spit("$self->{dir}/collectd.conf",
    "Interval $self->{interval}\nBaseDir \"$self->{dir}\"\nPIDFile \"$self->{dir}/collectd.pid\"\n"
    . "${name}LoadPlugin unixsock\n<Plugin unixsock>\n  SocketFile \"$self->{socket}\"\n"
    . "  SocketPerms \"0777\"\n</Plugin>\n$config");
  my ($program) = grep { -x } '/usr/sbin/collectd', '/usr/bin/collectd';
  start_process($self, @{$options{through} // []}, $program, '-f', '-C', $self->{config});
  eventually { -S $self->{socket} && ask($self->{socket}, 'LISTVAL') =~ /found/ }
    or die "collectd did not start:\n" . $self->log;
  return $self;
}

sub alive {
  my ($self) = @_;
  return 0 if !$self->{pid};
  if (waitpid($self->{pid}, WNOHANG) == $self->{pid}) {
    $self->{status} = $? & 127 ? 'signal ' . ($? & 127) : $? >> 8;
    delete $self->{pid};
    return 0;
  }
  return 1;
}

sub log { my ($self) = @_; return slurp("$self->{dir}/err") // '' }
sub pid { return $_[0]{pid} }
sub dir { return $_[0]{dir} }
sub socket { return $_[0]{socket} }
sub ask_it { my ($self, @lines) = @_; return ask($self->{socket}, @lines) }
sub names { return listing($_[0]{socket}) }

# The line of `STATUS` about a reader or writer, as a hash of its values.
sub status_of {
  my ($self, $kind, $name) = @_;
  my ($line) = grep { /^$kind \Q$name\E / } $self->ask_it('STATUS');
  return if !defined $line;
  my %values;
  $values{$1} = defined $3 ? $3 : $2 while $line =~ /(\w+)=("((?:[^"\\]|\\.)*)"|\S*)/g;
  return \%values;
}

# Sends a signal (default TERM) and waits for the end; its exit status, or undef if it does not end.
sub stop {
  my ($self, $signal, $seconds) = @_;
  return $self->{status} if !$self->alive;
  kill($signal // 'TERM', $self->{pid});
  eventually { !$self->alive } $seconds // 8;
  return $self->{pid} ? undef : $self->{status};
}

sub wait_for_end {
  my ($self, $seconds) = @_;
  eventually { !$self->alive } $seconds // 8;
  return $self->{pid} ? undef : $self->{status};
}

END {
  my $status = $?;
  for my $self (@running) {
    next if !$self->alive;
    kill('CONT', $self->{pid});
    kill('KILL', $self->{pid});
    waitpid($self->{pid}, 0);
  }
  $? = $status;
}

1;
