using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Recorder.Http.Library;

namespace Recorder.Http.Tests.Library;

/// <summary>What a call for a file of 1000 bytes is answered.</summary>
public sealed class MediaPlanTests
{
    private const string Tag = "\"abc\"";
    private const string Modified = "Wed, 22 Sep 2021 07:56:00 GMT";
    private const string Later = "Wed, 22 Sep 2021 07:56:01 GMT";
    private const string Earlier = "Wed, 22 Sep 2021 07:55:59 GMT";

    [Theory]
    [InlineData(null, "whole")]
    [InlineData("bytes=0-", "0+1000")]
    [InlineData("bytes=0-0", "0+1")]
    [InlineData("bytes=10-19", "10+10")]
    [InlineData("Bytes=10-19", "10+10")]
    [InlineData("bytes=990-5000", "990+10")]
    [InlineData("bytes=999-999", "999+1")]
    [InlineData("bytes=-1", "999+1")]
    [InlineData("bytes=-5000", "0+1000")]
    [InlineData("bytes=0-9,20-29", "0+10 20+10")]
    [InlineData("bytes=20-29, 0-9", "20+10 0+10")]
    [InlineData("bytes=0-9,2000-2001", "0+10")]
    [InlineData("bytes=0-9,5-14", "0+15")]
    [InlineData("bytes=0-9,10-14", "0+15")]
    [InlineData("bytes=20-29,0-9,5-14", "0+15 20+10")]
    [InlineData("bytes=0-999,5-6", "0+1000")]
    [InlineData("bytes=-10,985-995", "985+15")]
    [InlineData("bytes=1000-", "none")]
    [InlineData("bytes=1000-1001,2000-", "none")]
    [InlineData("bytes=-0", "none")]
    // What is no range is as if it were not there: RFC 9110, section 14.2.
    [InlineData("bytes=9-0", "whole")]
    [InlineData("bytes=", "whole")]
    [InlineData("bytes=a-b", "whole")]
    [InlineData("bytes=--1", "whole")]
    [InlineData("bytes=99999999999999999999-", "whole")]
    [InlineData("items=0-1", "whole")]
    [InlineData("0-1", "whole")]
    public void Ranges_are_answered_as_RFC_9110_says(string? range, string expected) =>
        Assert.Equal(expected, Words(Plan("GET", ("Range", range))));

    [Theory]
    [InlineData(16, true)]
    [InlineData(17, false)]
    public void At_most_16_ranges_are_answered(int count, bool answered)
    {
        var plan = Plan("GET", ("Range", "bytes=" + string.Join(',', Enumerable.Range(0, count).Select(i => $"{i * 9}-{i * 9}"))));

        Assert.Equal(answered, plan is MediaPlan.Parts { Ranges.Count: 16 });
        Assert.Equal(!answered, plan is MediaPlan.NotSatisfiable { Why: var why } && why.Contains("17 ranges"));
    }

    [Fact]
    public void A_HEAD_has_no_ranges() => Assert.Equal("whole", Words(Plan("HEAD", ("Range", "bytes=0-9"))));

    [Theory]
    [InlineData("bytes=0-9", 0, "none")]
    [InlineData("bytes=-1", 0, "none")]
    public void An_empty_file_has_no_range(string range, long length, string expected) =>
        Assert.Equal(expected, Words(Plan("GET", length, ("Range", range))));

    [Theory]
    [InlineData("If-Range", Tag, "0+10")]
    [InlineData("If-Range", "\"other\"", "whole")]
    [InlineData("If-Range", "W/\"abc\"", "whole")]
    [InlineData("If-Range", Modified, "0+10")]
    [InlineData("If-Range", Later, "whole")]
    [InlineData("If-Range", Earlier, "whole")]
    [InlineData("If-Range", "abc", "whole")]
    [InlineData("If-Range", "yesterday", "whole")]
    [InlineData("If-Match", Tag, "0+10")]
    [InlineData("If-Match", "\"x\", \"abc\"", "0+10")]
    [InlineData("If-Match", "*", "0+10")]
    [InlineData("If-Match", "W/\"abc\"", "failed")]
    [InlineData("If-Match", "\"x\"", "failed")]
    [InlineData("If-None-Match", Tag, "same")]
    [InlineData("If-None-Match", "W/\"abc\"", "same")]
    [InlineData("If-None-Match", "*", "same")]
    [InlineData("If-None-Match", "\"x\"", "0+10")]
    [InlineData("If-Modified-Since", Modified, "same")]
    [InlineData("If-Modified-Since", Later, "same")]
    [InlineData("If-Modified-Since", Earlier, "0+10")]
    [InlineData("If-Modified-Since", "yesterday", "0+10")]
    [InlineData("If-Unmodified-Since", Modified, "0+10")]
    [InlineData("If-Unmodified-Since", Earlier, "failed")]
    public void Preconditions_come_before_ranges(string header, string value, string expected) =>
        Assert.Equal(expected, Words(Plan("GET", ("Range", "bytes=0-9"), (header, value))));

    [Fact]
    public void A_tag_counts_more_than_a_time()
    {
        Assert.Equal("whole", Words(Plan("GET", ("If-Match", Tag), ("If-Unmodified-Since", Earlier))));
        Assert.Equal("whole", Words(Plan("GET", ("If-None-Match", "\"x\""), ("If-Modified-Since", Later))));
    }

    [Fact]
    public void The_length_of_an_answer_in_parts_is_known_before_the_answer()
    {
        var form = new MultipartRanges("b", "video/mp4", 1000);

        Assert.Equal(
            "\r\n--b\r\nContent-Type: video/mp4\r\nContent-Range: bytes 20-29/1000\r\n\r\n",
            System.Text.Encoding.ASCII.GetString(form.HeadOf(new ByteRange(20, 10)))
        );
        Assert.Equal(
            form.HeadOf(new ByteRange(20, 10)).Length
                + 10
                + form.HeadOf(new ByteRange(0, 5)).Length
                + 5
                + form.End.Length,
            form.LengthOf([new ByteRange(20, 10), new ByteRange(0, 5)])
        );
    }

    [Theory]
    [InlineData("ab", 10L, 10L, false, "\"ab\"")]
    [InlineData("ab", 10L, 11L, false, "\"m\"")]
    [InlineData(null, 10L, 10L, false, "\"m\"")]
    [InlineData(null, null, 10L, true, "\"m-10\"")]
    public void A_file_is_tagged_by_its_hash_as_long_as_it_has_the_size_of_the_record(
        string? sha256,
        long? bytes,
        long length,
        bool growing,
        string expected
    ) => Assert.Equal(expected, MediaFacts.TagOf(sha256, bytes, length, "m", growing).ToString());

    private static MediaPlan Plan(string method, params (string Name, string? Value)[] headers) =>
        Plan(method, 1000, headers);

    private static MediaPlan Plan(string method, long length, params (string Name, string? Value)[] headers)
    {
        var given = new HeaderDictionary();
        foreach (var (name, value) in headers.Where(header => header.Value is not null))
        {
            given[name] = value;
        }
        return MediaPlan.Of(
            method,
            given,
            length,
            EntityTagHeaderValue.Parse(Tag),
            new DateTimeOffset(2021, 9, 22, 7, 56, 0, TimeSpan.Zero)
        );
    }

    private static string Words(MediaPlan plan) =>
        plan switch
        {
            MediaPlan.Whole => "whole",
            MediaPlan.NotModified => "same",
            MediaPlan.PreconditionFailed => "failed",
            MediaPlan.NotSatisfiable => "none",
            MediaPlan.Parts parts => string.Join(' ', parts.Ranges.Select(range => $"{range.From}+{range.Length}")),
            _ => "?",
        };
}
