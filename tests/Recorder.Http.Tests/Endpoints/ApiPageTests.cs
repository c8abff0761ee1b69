using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Answers;
using Recorder.Http.Requests;

namespace Recorder.Http.Tests.Endpoints;

/// <summary>The tables of docs/api.md have just the fields that are read and the codes that are answered.</summary>
public sealed partial class ApiPageTests
{
    private static readonly string[] Page = File.ReadAllLines(PagePath());

    [Fact]
    public void The_fields_of_a_uri_start_are_those_that_are_read() =>
        Assert.Equal(StartFields.Names.Order(), FieldsUnder("### Fields of `data`"));

    [Fact]
    public void The_fields_of_an_rtp_start_are_those_that_are_read() =>
        Assert.Equal(RtpFields.Names.Order(), FieldsUnder("### Fields of `data` of type `rtp`"));

    [Fact]
    public void The_codes_of_each_status_are_those_that_are_answered()
    {
        var rows = RowsUnder("## Errors")
            .Select(row =>
                (
                    Statuses: Status()
                        .Matches(row[0])
                        .Select(status => int.Parse(status.Value, CultureInfo.InvariantCulture))
                        .ToArray(),
                    Codes: Word().Matches(row[1]).Select(code => code.Groups[1].Value).Order()
                )
            )
            .ToList();

        Assert.Equal(
            Enumerable.Range(400, 200).Where(status => ErrorCode.CodesOf(status).Any()),
            rows.SelectMany(row => row.Statuses).Order()
        );
        Assert.All(rows, row => Assert.Equal(row.Statuses.SelectMany(ErrorCode.CodesOf).Order(), row.Codes));
    }

    [Fact]
    public void The_fields_of_an_error_are_those_that_are_answered()
    {
        var told = string.Join(
            ' ',
            Page.SkipWhile(line => line != "## Errors")
                .Skip(1)
                .TakeWhile(line => !line.StartsWith('|') && !line.StartsWith('#'))
        );

        Assert.All(
            typeof(ErrorAnswer)
                .GetProperties()
                .Select(field => AnswerJson.Options.PropertyNamingPolicy!.ConvertName(field.Name)),
            field =>
                Assert.True(
                    told.Contains($"`{field}`", StringComparison.Ordinal)
                        || told.Contains($"\"{field}\":", StringComparison.Ordinal),
                    $"docs/api.md does not tell of \"{field}\" under Errors."
                )
        );
        Assert.Contains($"at most {RequestError.MostTold} ", told, StringComparison.Ordinal);
    }

    /// <summary>What <see cref="ErrorCode.CodesOf"/> lists by hand: the codes of answers and of faults, but those that
    /// are only ever a session's fault.</summary>
    [Fact]
    public void Every_code_has_its_status() =>
        Assert.Equal(
            Constants(typeof(ErrorCode))
                .Union(Constants(typeof(FaultCode)))
                .Except([
                    FaultCode.SenderSilent,
                    FaultCode.SenderIgnored,
                    FaultCode.ManifestFailed,
                    FaultCode.DeliveryFailed,
                    FaultCode.WindowRefused,
                    FaultCode.PageScriptFailed,
                ])
                .Order(),
            Enumerable.Range(400, 200).SelectMany(ErrorCode.CodesOf).Order()
        );

    private static IEnumerable<string> FieldsUnder(string heading) =>
        RowsUnder(heading).SelectMany(row => Word().Matches(row[0]).Select(name => name.Groups[1].Value)).Order();

    /// <summary>The cells of the rows of the one table between this heading and the next, without the table's
    /// head.</summary>
    private static IEnumerable<string[]> RowsUnder(string heading)
    {
        var start = Array.IndexOf(Page, heading);
        Assert.True(start >= 0, $"docs/api.md has no heading \"{heading}\".");
        return Page.Skip(start + 1)
            .TakeWhile(line => !line.StartsWith('#'))
            .Where(line => line.StartsWith('|'))
            .Skip(2)
            .Select(line => line.Trim('|').Split('|'));
    }

    private static IEnumerable<string> Constants(Type type) =>
        type.GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(field => field.IsLiteral)
            .Select(field => (string)field.GetRawConstantValue()!);

    private static string PagePath([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Join(Path.GetDirectoryName(thisFile), "../../../docs/api.md"));

    [GeneratedRegex("`([A-Za-z_]+)`")]
    private static partial Regex Word();

    [GeneratedRegex("[0-9]{3}")]
    private static partial Regex Status();
}
