# SPDX-License-Identifier: MIT
package Sink;

# The far end of a writer: takes everything over TCP or UDP, in a process of its own, and writes it
# into a file, a line each.
#
#     my $sink = Sink->new(protocol => 'tcp');           # a port of its own
#     my @lines = $sink->lines;
#     $sink->stop;  $sink->start;                         # down, and up again at the same port
#     Sink->new(protocol => 'tcp', stalled => 1)          # accepts, and reads nothing

use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;
use POSIX ();
use Vital;

my @running;

sub new {
  my ($class, %given) = @_;
  my $self = bless {protocol => 'tcp', file => workdir() . '/lines', pid => 0, %given}, $class;
  $self->{port} //= free_port($self->{protocol});
  return $self->{down} ? $self : $self->start;
}

sub free_port {
  my ($protocol) = @_;
  my @listen = $protocol eq 'tcp' ? (Listen => 1) : ();
  my $socket = IO::Socket::INET->new(Proto => $protocol, LocalAddr => '127.0.0.1', LocalPort => 0, @listen)
    or die "no port: $!";
  return $socket->sockport;
}

sub start {
  my ($self) = @_;
  my $tcp = $self->{protocol} eq 'tcp';
  my $listener = IO::Socket::INET->new(Proto => $self->{protocol}, LocalAddr => '127.0.0.1',
    LocalPort => $self->{port}, $tcp ? (Listen => 16, ReuseAddr => 1) : ()) or die "port $self->{port}: $!";
  $self->{pid} = fork // die "fork: $!";
  if ($self->{pid}) {
    push @running, $self;
    return $self;
  }
  $SIG{TERM} = 'DEFAULT';
  $self->serve($listener);
  POSIX::_exit(0);
}

sub serve {
  my ($self, $listener) = @_;
  my $parent = getppid;
  my $select = IO::Select->new($listener);
  my (%partial, @kept);
  while (getppid == $parent) {
    for my $socket ($select->can_read(0.5)) {
      if ($socket == $listener && $self->{protocol} eq 'tcp') {
        my $peer = $listener->accept or next;
        $self->{stalled} ? push @kept, $peer : $select->add($peer);
        next;
      }
      my $count = sysread $socket, my $bytes, 65536;
      if (!$count) {
        $select->remove($socket), close $socket, next if $socket != $listener;
        next;
      }
      $partial{$socket} .= $bytes;
      $partial{$socket} =~ s/^(.*\n)//s or next;
      open my $file, '>>', $self->{file} or die "$self->{file}: $!";
      syswrite $file, $1;
    }
  }
}

sub lines {
  my ($self) = @_;
  return map { s/\r$//r } split /\n/, slurp($self->{file}) // '';
}

# Killed, so that what it has not read comes back as a reset.
sub stop {
  my ($self) = @_;
  return if !$self->{pid};
  local $?;
  kill KILL => $self->{pid};
  waitpid $self->{pid}, 0;
  $self->{pid} = 0;
}

END {
  my $status = $?;
  $_->stop for @running;
  $? = $status;
}

1;
