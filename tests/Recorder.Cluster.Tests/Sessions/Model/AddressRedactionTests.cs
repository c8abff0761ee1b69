using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Sessions.Model;

/// <summary>What is hidden of addresses, and what is not.</summary>
public sealed class AddressRedactionTests
{
    [Theory]
    [InlineData("akka.tcp://recorder@10.0.0.1:34569 went away.", "akka.tcp://recorder@10.0.0.1:34569 went away.")]
    [InlineData("at http://user@h", "at http://h")]
    [InlineData("at HTTPS://h/a#b, then", "at HTTPS://h/a then")]
    [InlineData("at https://h/a@b/c", "at https://h/a@b/c")]
    [InlineData("rtmp://h/a/… refused", "rtmp://h/a/… refused")]
    [InlineData(
        "srt://me@h:9000/x?streamid=key&passphrase=words&mode=caller refused",
        "srt://h:9000?mode=caller&… refused"
    )]
    [InlineData("target-1 (srt://h:9000?…) refused", "target-1 (srt://h:9000?…) refused")]
    [InlineData("srt://0.0.0.0:9000?mode=listener is bound", "srt://0.0.0.0:9000?mode=listener is bound")]
    [InlineData("no address: 10:30", "no address: 10:30")]
    [InlineData("net::ERR_FAILED at https://me:secret@host/room?token=1#a", "net::ERR_FAILED at https://host/room")]
    [InlineData("(http://host?x=1) and https://host/#x, again", "(http://host and https://host/ again")]
    [InlineData("What? Nothing # of that", "What? Nothing # of that")]
    [InlineData("see https://host/room.", "see https://host/room.")]
    [InlineData("wss://me@host/socket?token=1 closed", "wss://host/socket closed")]
    [InlineData("<https://me:se<cr>et@host/room?token=1> did not load", "<https://host/room> did not load")]
    public void A_message_tells_addresses_without_what_lets_somebody_in(string text, string shown) =>
        Assert.Equal(shown, AddressRedaction.Of(text));

    [Theory]
    [InlineData("http://me:secret@host/room did not load", "http://***@host/room did not load")]
    [InlineData("see rtmp://key@host/live and HTTPS://a@b", "see rtmp://host/… and HTTPS://***@b")]
    [InlineData("rtmp://me:secret@host:1936/app/key?token=1 refused", "rtmp://host:1936/app/… refused")]
    [InlineData("target-1 (rtmps://host/app/…) refused: wrong key", "target-1 (rtmps://host/app/…) refused: wrong key")]
    [InlineData(
        "The node akka.tcp://recorder@127.0.0.1:34569 went away",
        "The node akka.tcp://recorder@127.0.0.1:34569 went away"
    )]
    [InlineData("https://me@host/a?b=c@d#e loads", "https://***@host/a?b=c@d#e loads")]
    [InlineData("https://host/a?b=c@d", "https://host/a?b=c@d")]
    [InlineData("<https://me:se<cr>et@host/room> did not load", "<https://***@host/room> did not load")]
    public void Whoever_gave_an_address_is_told_it_without_its_user(string text, string shown) =>
        Assert.Equal(shown, AddressRedaction.WithQuery(text));

    [Theory]
    [InlineData(
        "https://me:secret@host:8443/room/42?token=1#a",
        "https://host:8443/room/42",
        "https://***@host:8443/room/42?token=1#a"
    )]
    [InlineData("http://host", "http://host/", "http://host")]
    [InlineData("https://me:se<cr>\"et@host/room?token=1", "https://host/room", "https://***@host/room?token=1")]
    [InlineData(
        "https://host/?to=\"https://me:secret@other/",
        "https://host/",
        "https://host/?to=\"https://me:secret@other/"
    )]
    public void A_page_is_told_by_its_place_or_as_it_was_written(string page, string place, string written) =>
        Assert.Equal((place, written), (AddressRedaction.Of(new Uri(page)), AddressRedaction.WithQuery(new Uri(page))));
}
