using System.Globalization;
using Recorder.ReferencePages;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests.Harness;

/// <summary>A test with nodes of its own: their logs are printed with its result, and at its end nothing of them may be
/// running.</summary>
[Collection(RealNodes.Name)]
[Trait("ring", "media")]
public abstract class EndToEndTest(PagesFixture fixture, ITestOutputHelper output) : IAsyncLifetime
{
    private readonly List<RecorderNode> _nodes = [];

    protected ReferencePageServer Pages => fixture.Pages;

    /// <summary>Starts a node that lives as long as the test.</summary>
    internal async Task<RecorderNode> StartNodeAsync(RecorderNodeSettings? settings = null)
    {
        var node = await RecorderNode.StartAsync(settings ?? new RecorderNodeSettings());
        _nodes.Add(node);
        return node;
    }

    /// <summary>Lets recordings run: their length is what the test chooses, no event ends it.</summary>
    protected static Task RecordForAsync(double seconds) => Task.Delay(TimeSpan.FromSeconds(seconds));

    /// <summary>Tells a measured figure; it stands in the test's output.</summary>
    protected void Tell(FormattableString figure) => output.WriteLine(figure.ToString(CultureInfo.InvariantCulture));

    public virtual Task InitializeAsync() => Task.CompletedTask;

    public virtual async Task DisposeAsync()
    {
        var errors = new List<Exception>();
        foreach (var node in _nodes)
        {
            output.WriteLine(node.LogTails());
            try
            {
                await node.DisposeAsync();
            }
            catch (TimeoutException error)
            {
                errors.Add(error);
            }
        }

        if (errors.Count > 0)
        {
            throw new AggregateException(errors);
        }
    }
}
