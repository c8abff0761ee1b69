using System.Globalization;
using System.Text.RegularExpressions;

namespace Recorder.Node.Tests.Repository;

/// <summary>What systemd itself thinks of the shipped unit.</summary>
[Trait("ring", "media")]
public sealed partial class UnitExposureTests
{
    /// <summary>Below this, systemd calls the exposure of a service OK.</summary>
    private const double Most = 4;

    [Fact]
    public async Task The_unit_is_exposed_as_little_as_a_service_that_starts_browsers_can_be()
    {
        var report = await ToolRun.OutputOfAsync(
            "systemd-analyze",
            "security",
            "--offline=true",
            "--no-pager",
            RepositoryRoot.Of("deploy/systemd/recorder.service")
        );

        var level = Level().Match(report);
        Assert.True(level.Success, report);
        Assert.InRange(double.Parse(level.Groups[1].Value, CultureInfo.InvariantCulture), 0, Most);
    }

    [GeneratedRegex(@"Overall exposure level for recorder\.service: ([0-9.]+)")]
    private static partial Regex Level();
}
