using Recorder.Cluster.Links;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Links;

/// <summary>What a link opens, and when.</summary>
public sealed class RecordLinkTests
{
    private static readonly DateTimeOffset Made = new(2026, 11, 1, 8, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, null, 5, false, LinkState.Active)]
    [InlineData(59, 2, 1, false, LinkState.Active)]
    [InlineData(59, 2, 2, false, LinkState.UsedUp)]
    [InlineData(60, null, 0, false, LinkState.Expired)]
    [InlineData(60, 2, 2, false, LinkState.Expired)]
    [InlineData(60, 2, 2, true, LinkState.Revoked)]
    [InlineData(1, null, 0, true, LinkState.Revoked)]
    public void A_link_opens_its_record_until_it_ends(
        int minutes,
        int? downloads,
        int downloaded,
        bool revoked,
        LinkState expected
    )
    {
        var link = Link() with { Downloads = downloads, Downloaded = downloaded, RevokedAt = revoked ? Made : null };

        Assert.Equal(expected, link.StateAt(Made.AddMinutes(minutes)));
    }

    [Theory]
    [InlineData(false, null, false)]
    [InlineData(false, 0, true)]
    [InlineData(false, 1439, true)]
    [InlineData(false, 1440, false)]
    [InlineData(true, 0, false)]
    public void Only_the_rest_of_a_counted_download_continues_it(bool fromStart, int? minutesAfter, bool continues)
    {
        var link = Link() with { LastUsedAt = minutesAfter is null ? null : Made };

        Assert.Equal(continues, link.Continues(fromStart, Made.AddMinutes(minutesAfter ?? 0)));
    }

    [Fact]
    public void A_secret_is_long_and_only_its_hash_is_kept()
    {
        var secrets = Enumerable.Range(0, 100).Select(_ => LinkSecret.New()).ToList();

        Assert.Equal(100, secrets.Distinct().Count());
        Assert.All(secrets, secret => Assert.True(LinkSecret.IsOne(secret), secret));
        Assert.Equal(
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            LinkSecret.HashOf("abc")
        );
        Assert.False(LinkSecret.IsOne(secrets[0] + "A"));
        Assert.False(LinkSecret.IsOne(secrets[0][1..] + "%"));
        Assert.False(LinkSecret.IsOne(null));
    }

    private static RecordLink Link() =>
        new("lnk_1", new RecordId(new SessionId(7), 2), false, Made, Made.AddHours(1), null, 0, null, null);
}
