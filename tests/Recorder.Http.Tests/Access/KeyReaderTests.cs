using System.Security.Cryptography;
using System.Text;
using Recorder.Http.Access;
using Recorder.Http.Settings;

namespace Recorder.Http.Tests.Access;

public sealed class KeyReaderTests : IDisposable
{
    private const string Key = "0123456789abcdef";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("recorder-keys-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Keys_are_found_by_their_whole_text_only()
    {
        var read = Read(
            [
                new ApiKeyOptions
                {
                    Name = "a",
                    Key = "0123456789abcdef",
                    Scope = ApiScope.Read,
                },
                new ApiKeyOptions
                {
                    Name = "b",
                    Key = "fedcba9876543210",
                    Scope = ApiScope.Admin,
                },
            ]
        );

        Assert.Empty(read.Problems);
        var ring = new ApiKeyRing(read.Keys);
        Assert.Equal("a", ring.Find("0123456789abcdef")?.Name);
        Assert.Equal("b", ring.Find("fedcba9876543210")?.Name);
        Assert.Null(ring.Find("0123456789abcde"));
        Assert.Null(ring.Find("0123456789abcdefg"));
        Assert.Null(ring.Find(""));
    }

    public static TheoryData<ApiKeyOptions, string> BadKeys =>
        new()
        {
            {
                new ApiKeyOptions { Key = "0123456789abcdef" },
                "has no Name"
            },
            {
                new ApiKeyOptions { Name = "a" },
                "either Key or KeyFile"
            },
            {
                new ApiKeyOptions
                {
                    Name = "a",
                    Key = "0123456789abcdef",
                    KeyFile = "/x",
                },
                "either Key or KeyFile"
            },
            {
                new ApiKeyOptions { Name = "a", Key = "short-secret" },
                "too weak"
            },
            {
                new ApiKeyOptions { Name = "a", Key = "with a space in it, secret" },
                "too weak"
            },
            {
                new ApiKeyOptions { Name = "a", KeyFile = "/nonexistent/key" },
                "cannot be read"
            },
            {
                new ApiKeyOptions
                {
                    Name = "a",
                    Key = "0123456789abcdef",
                    Scope = (ApiScope)9,
                },
                "unknown Scope"
            },
            {
                new ApiKeyOptions
                {
                    Name = "a",
                    Key = "0123456789abcdef",
                    Sha256 = new string('0', 64),
                },
                "and no two of them"
            },
            {
                new ApiKeyOptions { Name = "a", Sha256 = "secret" },
                "64 hexadecimal digits"
            },
            {
                new ApiKeyOptions
                {
                    Name = "a",
                    Key = "0123456789abcdef",
                    NotAfter = "next summer",
                },
                "which is no time"
            },
            {
                new ApiKeyOptions
                {
                    Name = "a",
                    Key = "0123456789abcdef",
                    MaxSessions = -1,
                },
                "MaxSessions below zero"
            },
            {
                new ApiKeyOptions
                {
                    Name = "a",
                    Key = "0123456789abcdef",
                    MaxDuration = TimeSpan.FromMilliseconds(5),
                },
                "MaxDuration below 1 s"
            },
            {
                new ApiKeyOptions
                {
                    Name = "a",
                    Key = "0123456789abcdef",
                    Labels = { "Room" },
                },
                "the label \"Room\", which no session can have"
            },
        };

    [Theory]
    [MemberData(nameof(BadKeys))]
    public void A_bad_key_is_refused_by_a_sentence_that_does_not_show_it(ApiKeyOptions key, string reason)
    {
        var problems = Read([key]).Problems;

        Assert.Contains(reason, Assert.Single(problems), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", problems[0], StringComparison.Ordinal);
    }

    [Fact]
    public void One_key_for_two_names_is_refused()
    {
        var problems = Read(
            [
                new ApiKeyOptions { Name = "a", Key = "0123456789abcdef" },
                new ApiKeyOptions { Name = "b", Key = "0123456789abcdef" },
                new ApiKeyOptions { Name = "c", Sha256 = Sha256Of("0123456789abcdef") },
            ]
        ).Problems;

        Assert.Equal(2, problems.Count);
        Assert.All(problems, problem => Assert.Contains("same key", problem, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("upper")]
    [InlineData("marked")]
    [InlineData("file")]
    public void A_key_may_be_given_by_its_hash_alone(string form)
    {
        var hash = Sha256Of(Key);
        var entry = new ApiKeyOptions { Name = "a", Scope = ApiScope.Record };
        switch (form)
        {
            case "upper":
                entry.Sha256 = hash.ToUpperInvariant();
                break;
            case "marked":
                entry.Sha256 = "sha256:" + hash;
                break;
            default:
                entry.KeyFile = FileWith($"sha256:{hash}\n", UnixFileMode.UserRead | UnixFileMode.OtherRead);
                break;
        }

        var read = Read([entry]);

        Assert.Empty(read.Problems);
        Assert.Empty(read.Warnings);
        var ring = new ApiKeyRing(read.Keys);
        Assert.Equal((ApiScope.Record, "a"), (ring.Find(Key)!.Scope, ring.Find(Key)!.Owner));
        Assert.Null(ring.Find(hash));
    }

    [Fact]
    public void A_file_with_a_plain_key_that_others_can_read_is_told_of_with_the_way_out()
    {
        var file = FileWith(Key, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);

        var read = Read([new ApiKeyOptions { Name = "a", KeyFile = file }]);

        Assert.Empty(read.Problems);
        Assert.Contains($"chmod o-r {file}", Assert.Single(read.Warnings), StringComparison.Ordinal);
        File.SetUnixFileMode(file, UnixFileMode.UserRead);
        Assert.Empty(Read([new ApiKeyOptions { Name = "a", KeyFile = file }]).Warnings);
    }

    [Fact]
    public void A_keys_file_holds_further_keys_with_their_limits()
    {
        var file = FileWith(
            $$"""
            [
                // of the meeting server
                {
                    "name": "lectures",
                    "Sha256": "{{Sha256Of(Key)}}",
                    "Scope": "record",
                    "Owner": "university",
                    "NotAfter": "2027-06-30",
                    "MaxSessions": 4,
                    "StartsPerMinute": 20,
                    "MaxPixelRate": 207360000,
                    "MaxDuration": "2 h",
                    "Labels": ["room", "course"],
                },
            ]
            """,
            UnixFileMode.UserRead
        );

        var read = KeyReader.Read(new HttpOptions { KeysFile = file });

        Assert.Empty(read.Problems);
        var key = Assert.Single(read.Keys);
        Assert.Equal(("lectures", ApiScope.Record, "university"), (key.Name, key.Scope, key.Owner));
        Assert.Equal(new DateTimeOffset(2027, 7, 1, 0, 0, 0, TimeSpan.Zero), key.End);
        Assert.Equal(
            (4, 20, 207_360_000L, TimeSpan.FromHours(2), "room,course"),
            (
                key.Limits.Sessions,
                key.Limits.StartsPerMinute,
                key.Limits.PixelRate,
                key.Limits.Duration,
                string.Join(',', key.Limits.Labels)
            )
        );
        Assert.Equal([file], read.Files);
    }

    [Theory]
    [InlineData("""[ { "Name": "a", "Key": "secret-0123456789" """, 6, "the mistake is in line 1")]
    [InlineData("""[ { "Name": "a", "Secret": "secret-0123456789" } ]""", 6, "the mistake is in line 1, at $[0]")]
    [InlineData("""[ { "Name": "a", "MaxDuration": "secret-x" } ]""", 6, "at $[0].MaxDuration")]
    [InlineData("""{ "Keys": [] }""", 6, "is no list of keys")]
    [InlineData("[ null ]", 6, "has an entry that is null")]
    [InlineData("[]", 6, "has no key; add one with recorder keys new NAME")]
    [InlineData("""[ { "Name": "a", "Key": "secret-0123456789" } ]""", 6 * 64 + 4, "chmod o-r")]
    [InlineData("""[ { "Name": "a", "Key": "secret-0123456789" } ]""", 6 * 64 + 2, "chmod go-w")]
    [InlineData("""[ { "Name": "a", "Key": "secret" } ]""", 6 * 64, ": entry 0 (a) has a key that is too weak")]
    public void A_keys_file_with_a_mistake_is_refused_by_a_sentence_without_a_key(string text, int mode, string reason)
    {
        var file = FileWith(text, (UnixFileMode)(mode < 64 ? mode * 64 : mode));

        var problem = Assert.Single(HttpOptionsCheck.Problems(new HttpOptions { KeysFile = file }));

        Assert.Contains(reason, problem, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-", problem, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_keys_file_that_is_missing_is_refused()
    {
        var file = Path.Join(_folder.FullName, "nothing.json");

        var problem = Assert.Single(HttpOptionsCheck.Problems(new HttpOptions { KeysFile = file }));

        Assert.Contains($"The keys file {file} cannot be read", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2027-06-30", "2027-07-01T00:00:00Z")]
    [InlineData("2027-06-30T12:00:00Z", "2027-06-30T12:00:00Z")]
    [InlineData("2027-06-30T12:00:00+02:00", "2027-06-30T10:00:00Z")]
    [InlineData("2027-06-30 12:00", "2027-06-30T12:00:00Z")]
    public void A_key_is_good_for_the_whole_of_its_last_day(string notAfter, string end)
    {
        var moment = DateTimeOffset.Parse(end, System.Globalization.CultureInfo.InvariantCulture);
        var key = Assert.Single(
            Read(
                [
                    new ApiKeyOptions
                    {
                        Name = "a",
                        Key = Key,
                        NotAfter = notAfter,
                    },
                ]
            ).Keys
        );

        Assert.Null(key.WhyEnded(moment.AddTicks(-1)));
        Assert.Contains("was good until", key.WhyEnded(moment), StringComparison.Ordinal);
    }

    private static string Sha256Of(string key) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    private static KeyReader Read(IEnumerable<ApiKeyOptions> keys)
    {
        var options = new HttpOptions();
        foreach (var key in keys)
        {
            options.Keys.Add(key);
        }
        return KeyReader.Read(options);
    }

    private string FileWith(string text, UnixFileMode mode)
    {
        var file = Path.Join(_folder.FullName, "keys");
        File.WriteAllText(file, text);
        File.SetUnixFileMode(file, mode);
        return file;
    }
}
