using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using Recorder.ReferencePages;

namespace Recorder.EndToEnd.Tests.ReferencePages;

[Trait("ring", "media")]
public sealed class ReferencePageServerTests(ClipFixture clips)
    : IClassFixture<ClipFixture>,
        IAsyncLifetime,
        IDisposable
{
    /// <summary>Long enough for a loaded machine to answer a request it means to answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false })
    {
        Timeout = Patience,
    };
    private ReferencePageServer _server = null!;

    public async Task InitializeAsync() => _server = await ReferencePageServer.StartAsync(clips.Clip);

    public async Task DisposeAsync() => await _server.DisposeAsync();

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task Every_page_is_an_html_document()
    {
        Uri[] pages =
        [
            _server.Reference,
            _server.Animated,
            _server.Silent,
            _server.WebRtc(),
            _server.WebRtc(3),
            _server.Color(0x20, 0x60, 0xc0),
            _server.Clock(5),
            _server.Dialog,
            _server.HangingResource,
        ];
        foreach (var page in pages)
        {
            using var answer = await _client.GetAsync(page);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal("text/html", answer.Content.Headers.ContentType!.MediaType);
            Assert.Contains("<title>", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_clip_is_served_in_ranges_as_a_looping_player_asks_for_it()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_server.Address, "clip.mp4"));
        request.Headers.Range = new RangeHeaderValue(100, 199);
        using var answer = await _client.SendAsync(request);

        Assert.Equal(HttpStatusCode.PartialContent, answer.StatusCode);
        Assert.Equal("video/mp4", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal(
            (await File.ReadAllBytesAsync(clips.Clip.Path))[100..200],
            await answer.Content.ReadAsByteArrayAsync()
        );
    }

    [Theory]
    [InlineData(204)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task A_status_page_answers_with_its_status(int code)
    {
        using var answer = await _client.GetAsync(_server.Status(code));
        Assert.Equal(code, (int)answer.StatusCode);
    }

    [Fact]
    public async Task The_redirect_loop_leads_to_itself()
    {
        using var answer = await _client.GetAsync(_server.RedirectLoop);

        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal(_server.RedirectLoop, new Uri(_server.Address, answer.Headers.Location!));
    }

    [Fact]
    public async Task Without_a_clip_there_is_no_reference_page()
    {
        await using var bare = await ReferencePageServer.StartAsync();
        using var answer = await _client.GetAsync(bare.Reference);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task A_request_that_is_never_answered_ends_with_the_server_and_does_not_hold_it_up()
    {
        var own = await ReferencePageServer.StartAsync();
        using var socket = new System.Net.Sockets.TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, own.Address.Port);
        var stream = socket.GetStream();
        await stream.WriteAsync("GET /never HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
        var answer = stream.ReadAsync(new byte[1]).AsTask();
        // The page behind it is answered, so the server has long since read the request before.
        using var other = await _client.GetAsync(new Uri(own.Address, "silent"));
        Assert.False(answer.IsCompleted, "/never has answered.");

        var watch = Stopwatch.StartNew();
        await own.DisposeAsync();

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"The server took {watch.Elapsed} to end.");
        var bytes = await Record(answer).WaitAsync(Patience);
        Assert.Equal(0, bytes);

        // Aborted or closed: both are no answer.
        static async Task<int> Record(Task<int> read)
        {
            try
            {
                return await read;
            }
            catch (IOException)
            {
                return 0;
            }
        }
    }

    [Fact]
    public void A_page_with_more_peers_than_it_knows_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => _server.WebRtc(4));
}
