#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Notifications over TLS, by a real mail server and by HTTPS, with certificates of our own: whom we trust
# gets them; whom we do not gets nothing, not even in the clear, and they wait until that is mended.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use HttpSink;
use Test::More;
use Vital;

need('openssl');
my $python = '/usr/bin/python3';  # Debian's, with its modules
(run($python, '-c', 'import aiosmtpd'))[0] == 0 or die "missing peer: python3-aiosmtpd\n";

# Two authorities; a server certificate of the first, for an address and not for a name.
my $certificates = workdir();
sub openssl { my ($status, undef, $err) = run('openssl', @_); $status == 0 or die "openssl @_: $err" }
for my $name ('ours', 'other') {
  openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', "/CN=$name", '-keyout', "$certificates/$name.key",
    '-out', "$certificates/$name.pem");
}
spit("$certificates/names", "subjectAltName=IP:127.0.0.1\n");
openssl('req', '-new', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=server', '-keyout', "$certificates/server.key", '-out', "$certificates/server.csr");
openssl('x509', '-req', '-in', "$certificates/server.csr", '-CA', "$certificates/ours.pem", '-CAkey', "$certificates/ours.key", '-CAcreateserial',
  '-days', '2', '-extfile', "$certificates/names", '-out', "$certificates/server.pem");
my @server = ("$certificates/server.pem", "$certificates/server.key");
my ($ours, $other) = map { "$certificates/$_.pem" } 'ours', 'other';

sub mail_server {
  my ($kind) = @_;
  my $self = bless {dir => workdir()}, 'Vital';
  $self->start_process($python, "$FindBin::Bin/lib/mail_server.py", $kind, @server, $self->{dir});
  $self->{port} = eventually { slurp("$self->{dir}/port") } 20 or die "the mail server does not start:\n" . $self->log;
  return $self;
}
sub mails { my ($server) = @_; return split(/\0/, slurp("$server->{dir}/got") // '') }

sub status { my ($daemon, $name) = @_; return $daemon->status_of('notifier', $name) // {} }
sub put { my ($daemon, $message) = @_; return $daemon->ask_it("PUTNOTIF severity=warning time=1700000000 host=web1 message=\"$message\"") }

my $fast = "  RetryInterval 0.05\n  MaxRetryInterval 0.2\n  <Journal>\n    SyncInterval 0.1\n  </Journal>\n";
sub email { my ($server, $rest, $host) = @_; $host //= '127.0.0.1';
  return "LoadPlugin notify_email\n<Plugin notify_email>\n  SMTPServer \"$host\"\n  SMTPPort $server->{port}\n  Recipient \"a\@b.c\"\n$fast$rest</Plugin>\n" }
sub http { my ($sink, $rest, $url) = @_; $url //= $sink->url;
  return "LoadPlugin notify_http\n<Plugin notify_http>\n<Node \"n\">\n  URL \"$url\"\n$fast$rest</Node>\n</Plugin>\n" }

# A server that must get nothing, by that configuration; then, with the right one, everything.
sub refused {
  my ($name, $what, $wrong, $right, $expected, $got) = @_;
  subtest $what => sub {
    my $before = () = $got->();
    my $dir = workdir();
    my $vitald = start_vitald($wrong, dir => $dir);
    put($vitald, 'waits');
    ok(eventually(sub { (status($vitald, $name)->{failures} // status($vitald, $name)->{state}) && status($vitald, $name)->{state} ne 'ok' }, 20), 'is refused');
    ok(eventually(sub { $vitald->log =~ $expected }), 'the log says why') or diag($vitald->log);
    is(status($vitald, $name)->{queued}, 1, 'the notification waits');
    is(status($vitald, $name)->{journal_values}, 1, 'in the journal');
    is(scalar(() = $got->()), $before, 'nothing has left, not even in the clear');
    is($vitald->stop, 0, 'stops');
    $vitald = start_vitald($right, dir => $dir);
    ok(eventually(sub { (() = $got->()) == $before + 1 }, 20), 'it comes when that is mended') or diag($vitald->log);
    like(($got->())[-1], qr/waits/, 'as it was');
    is($vitald->stop, 0, 'stops');
  };
}

for my $case (['required', 'starttls'], ['implicit', 'smtps']) {
  my ($tls, $kind) = @$case;
  my $server = mail_server($kind);
  my $right = email($server, "  TLS $tls\n  CACert \"$ours\"\n");
  my $got = sub { return mails($server) };
  subtest "mail, TLS $tls" => sub {
    my $vitald = start_vitald($right);
    put($vitald, 'first');
    ok(eventually(sub { mails($server) == 1 }, 20), 'whom we trust gets it') or diag($vitald->log);
    like((mails($server))[0], qr/^tls\n.*Message: first/s, 'encrypted');
    is($vitald->stop, 0, 'stops');
  };
  my $error = qr/notify_email: notifying fails: .*certificate/;
  refused('notify_email', "mail, TLS $tls: an authority we do not know", email($server, "  TLS $tls\n  CACert \"$other\"\n"), $right, $error, $got);
  refused('notify_email', "mail, TLS $tls: the system's authorities do not know it either", email($server, "  TLS $tls\n"), $right, $error, $got);
  refused('notify_email', "mail, TLS $tls: another name", email($server, "  TLS $tls\n  CACert \"$ours\"\n", 'localhost'), $right,
    qr/notify_email: notifying fails: .*localhost/, $got);
  like($_, qr/^tls\n/, 'what came was encrypted') for mails($server);
  subtest "mail, TLS $tls without a check" => sub {
    my $before = mails($server);
    my $vitald = start_vitald(email($server, "  TLS $tls\n  VerifyPeer false\n"));
    put($vitald, 'unchecked');
    ok(eventually(sub { mails($server) == $before + 1 }, 20), 'anybody gets it') or diag($vitald->log);
    is($vitald->stop, 0, 'stops');
  };
}

subtest 'mail, TLS opportunistic' => sub {
  my $server = mail_server('starttls');
  my $vitald = start_vitald(email($server, ''));
  put($vitald, 'first');
  ok(eventually(sub { mails($server) == 1 }, 20), 'asks nobody for a name');
  like((mails($server))[0], qr/^tls\n/, 'but is encrypted');
  is($vitald->stop, 0, 'stops');
};

my $sink = HttpSink->new(tls => \@server);
my $got = sub { return map { $_->{body} } $sink->accepted };
my $right = http($sink, "  CACert \"$ours\"\n");
subtest 'HTTPS' => sub {
  my $vitald = start_vitald($right);
  put($vitald, 'first');
  ok(eventually(sub { (() = $got->()) == 1 }, 20), 'whom we trust gets it') or diag($vitald->log);
  is($vitald->stop, 0, 'stops');
};
my $error = qr{notify_http/n: notifying fails: .*certificate};
refused('notify_http/n', 'HTTPS: an authority we do not know', http($sink, "  CACert \"$other\"\n"), $right, $error, $got);
refused('notify_http/n', "HTTPS: the system's authorities do not know it either", http($sink, ''), $right, $error, $got);
refused('notify_http/n', 'HTTPS: another name', http($sink, "  CACert \"$ours\"\n", $sink->url =~ s/127\.0\.0\.1/localhost/r), $right,
  qr{notify_http/n: notifying fails: .*localhost}, $got);
subtest 'HTTPS without a check' => sub {
  my $before = () = $got->();
  my $vitald = start_vitald(http($sink, "  VerifyPeer false\n  VerifyHost false\n"));
  put($vitald, 'unchecked');
  ok(eventually(sub { (() = $got->()) == $before + 1 }, 20), 'anybody gets it');
  is($vitald->stop, 0, 'stops');
};
my $plain = HttpSink->new;
subtest 'HTTPS from a server that only speaks HTTP' => sub {
  my $vitald = start_vitald(http($plain, '', $plain->url =~ s/^http:/https:/r));
  put($vitald, 'secret');
  ok(eventually(sub { $vitald->log =~ /notify_http\/n: notifying fails: / }, 20), 'fails') or diag($vitald->log);
  is(scalar(() = $plain->requests), 0, 'nothing is sent in the clear');
  is($vitald->stop, 0, 'stops');
};
done_testing;
