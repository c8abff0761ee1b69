using System.Text.Json;

namespace Recorder.Node.Tests.Processes;

/// <summary>What the published program tells the runtime.</summary>
public sealed class RuntimeSettingsTests
{
    [Fact]
    public void What_a_node_allocates_is_collected_every_4_MiB_whatever_the_cache_of_its_processor()
    {
        using var settings = JsonDocument.Parse(
            File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "recorder.runtimeconfig.json"))
        );

        var properties = settings.RootElement.GetProperty("runtimeOptions").GetProperty("configProperties");
        Assert.Equal(4 << 20, properties.GetProperty("System.GC.Gen0MaxBudget").GetInt32());
    }
}
