# SPDX-License-Identifier: MIT
# Small servers on loopback that write down what they receive, in processes of their own: SMTP and HTTP.
# How they answer is read from a file for each request, so that a test can change it.
package Servers;
use strict;
use warnings;
use Exporter qw(import);
use IO::Socket::INET;
use POSIX ();
use Vital;

our @EXPORT = qw(smtp_server http_server);

my @children;

sub new_port {
  my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1) or die "socket: $!";
  return $socket->sockport;
}

# A server that can be taken down and brought up again on the same port.
sub server {
  my ($serve, %options) = @_;
  my $self = bless {serve => $serve, dir => workdir(), port => new_port(), %options}, 'Servers';
  $self->answer('');
  return $self->up;
}

sub up {
  my ($self) = @_;
  my $listener;
  eventually {
    $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $self->{port}, Listen => 20, ReuseAddr => 1);
  } or die "cannot listen: $!";
  $self->{pid} = fork // die "fork: $!";
  if ($self->{pid} == 0) {
    $SIG{ALRM} = sub { POSIX::_exit(0) };
    alarm 300;
    while (1) {
      my $client = $listener->accept or next;
      $client->autoflush(1);
      eval { $self->{serve}->($self, $client) };
      close($client);
    }
  }
  push @children, $self->{pid};
  return $self;
}

sub down {
  my ($self) = @_;
  kill('KILL', $self->{pid});
  waitpid($self->{pid}, 0);
  @children = grep { $_ != $self->{pid} } @children;
}

sub port { return $_[0]{port} }

# What it answers instead of success: as the server below says.
sub answer {
  my ($self, $text) = @_;
  spit("$self->{dir}/answer.new", $text);
  rename("$self->{dir}/answer.new", "$self->{dir}/answer") or die "rename: $!";
}

sub record {
  my ($self, $text) = @_;
  open(my $file, '>>', "$self->{dir}/got") or die "got: $!";
  syswrite($file, $text . "\0");
  close($file);
}

# All that it was given so far.
sub got { return split(/\0/, slurp("$_[0]{dir}/got") // '') }

# Mail: each is recorded as "FROM\nRECIPIENT,...\nTEXT". An answer has lines "COMMAND ARGUMENT: REPLY":
# the reply to commands that begin so, such as "RCPT TO:<a\@b>: 550 no".
sub smtp_server {
  return server(\&serve_smtp, @_);
}

sub serve_smtp {
  my ($self, $client) = @_;
  my ($from, @to);
  print $client "220 test\r\n";
  while (defined(my $line = <$client>)) {
    $line =~ s/\r?\n$//;
    my ($other) = map { /^(.*): (\d+ .*)$/ && index($line, $1) == 0 ? $2 : () } split(/\n/, slurp("$self->{dir}/answer") // '');
    if (defined $other) {
      print $client "$other\r\n";
    } elsif ($line =~ /^EHLO/) {
      print $client "250-test\r\n" . ($self->{auth} ? "250-AUTH PLAIN\r\n" : '') . "250 8BITMIME\r\n";
    } elsif ($line eq 'AUTH PLAIN') {
      print $client "334 \r\n";
      my $secret = <$client> // '';
      print $client $secret eq "$self->{auth}\r\n" ? "235 ok\r\n" : "535 no\r\n";
    } elsif ($line =~ /^MAIL FROM:<(.*)>/) {
      ($from, @to) = ($1);
      print $client "250 ok\r\n";
    } elsif ($line =~ /^RCPT TO:<(.*)>/) {
      push @to, $1;
      print $client "250 ok\r\n";
    } elsif ($line eq 'DATA') {
      print $client "354 go on\r\n";
      my $text = '';
      while (defined(my $more = <$client>)) {
        last if $more eq ".\r\n";
        $text .= $more =~ s/^\.//r;
      }
      $self->record("$from\n" . join(',', @to) . "\n$text");
      print $client "250 taken\r\n";
    } elsif ($line eq 'QUIT') {
      print $client "221 bye\r\n";
      return;
    } else {
      print $client "250 ok\r\n";
    }
  }
}

# HTTP: each request is recorded as it came. An answer is the status line's end, such as "503 Busy".
sub http_server {
  return server(\&serve_http, @_);
}

sub serve_http {
  my ($self, $client) = @_;
  while (1) {
    my $head = '';
    while (defined(my $line = <$client>)) {
      $head .= $line;
      last if $line eq "\r\n";
    }
    return if $head eq '';
    my $body = '';
    read($client, $body, $1) if $head =~ /^Content-Length: (\d+)\r$/mi;
    my $status = slurp("$self->{dir}/answer") || '200 OK';
    $self->record($head . $body) if $status =~ /^2/ || $self->{all};
    print $client "HTTP/1.1 $status\r\nContent-Length: 0\r\n\r\n";
  }
}

END {
  my $status = $?;
  for my $pid (@children) { kill('KILL', $pid); waitpid($pid, 0) }
  $? = $status;
}

1;
