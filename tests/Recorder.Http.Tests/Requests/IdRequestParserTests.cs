using System.Text;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Requests;

namespace Recorder.Http.Tests.Requests;

public sealed class IdRequestParserTests
{
    private static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    [Theory]
    [InlineData("{\"id\":1}", 1)]
    [InlineData(" { \"id\" : 2147483647 } ", 2147483647)]
    public void A_body_names_a_session(string body, int id) =>
        Assert.Equal(new SessionId(id), IdRequestParser.ParseBody(Bytes(body)).Value);

    [Theory]
    [InlineData("{\"id\":0}", "id")]
    [InlineData("{\"id\":-1}", "id")]
    [InlineData("{\"id\":1.5}", "id")]
    [InlineData("{\"id\":1.0}", "id")]
    [InlineData("{\"id\":1e0}", "id")]
    [InlineData("{\"id\":\"1\"}", "id")]
    [InlineData("{\"id\":100000000000000000000}", "id")]
    [InlineData("{\"id\":2147483648}", "id")]
    [InlineData("{\"id\":null}", "id")]
    [InlineData("{\"id\":[1]}", "id")]
    [InlineData("{\"id\":1,\"id\":2}", "id")]
    [InlineData("{}", "id")]
    [InlineData("{\"ID\":1}", "ID")]
    [InlineData("{\"id\":1,\"force\":true}", "force")]
    [InlineData("1", null)]
    [InlineData("[1]", null)]
    [InlineData("id=1", null)]
    [InlineData("{\"id\":01}", null)]
    [InlineData("", null)]
    public void A_body_that_names_none_is_refused(string body, string? field)
    {
        var error = IdRequestParser.ParseBody(Bytes(body)).Error;

        Assert.NotNull(error);
        Assert.Equal(("invalid_request", field), (error.Code, error.Field));
    }

    [Theory]
    [InlineData("1", 1)]
    [InlineData("2147483647", 2147483647)]
    [InlineData("0", null)]
    [InlineData("-1", null)]
    [InlineData("+1", null)]
    [InlineData(" 1", null)]
    [InlineData("1.5", null)]
    [InlineData("1e0", null)]
    [InlineData("١", null)]
    [InlineData("100000000000000000000", null)]
    [InlineData("../1", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void A_text_names_a_session_only_as_plain_digits(string? text, int? id)
    {
        var parsed = IdRequestParser.ParseText(text);

        Assert.Equal(id, parsed.Error is null ? parsed.Value.Value : null);
    }

    [Theory]
    [InlineData(new[] { "3" }, "", 3)]
    [InlineData(new string[0], "{\"id\":3}", 3)]
    [InlineData(new[] { "3" }, "{\"id\":3}", 3)]
    [InlineData(new[] { "3" }, "{\"id\":4}", null)]
    [InlineData(new[] { "3" }, "nonsense", null)]
    [InlineData(new[] { "x" }, "{\"id\":3}", null)]
    [InlineData(new[] { "3", "3" }, "", null)]
    [InlineData(new string[0], "", null)]
    public void A_get_names_its_session_in_the_address_or_in_the_body(string[] query, string body, int? id)
    {
        var parsed = IdRequestParser.ParseQueryOrBody(query, Bytes(body));

        Assert.Equal(id, parsed.Error is null ? parsed.Value.Value : null);
    }

    [Theory]
    [InlineData(new string[0], null, true)]
    [InlineData(new[] { "a" }, "a", true)]
    [InlineData(new[] { "3f1c ~!" }, "3f1c ~!", true)]
    [InlineData(new[] { "" }, null, false)]
    [InlineData(new[] { "a", "b" }, null, false)]
    [InlineData(new[] { "ä" }, null, false)]
    [InlineData(new[] { "a\tb" }, null, false)]
    public void An_idempotency_key_is_printable_and_given_once(string[] values, string? key, bool taken)
    {
        var parsed = IdempotencyKeyParser.Parse(values);

        Assert.Equal((key, taken), (parsed.Value, parsed.Error is null));
    }

    [Fact]
    public void An_idempotency_key_has_at_most_200_characters()
    {
        Assert.Null(IdempotencyKeyParser.Parse([new string('k', 200)]).Error);
        Assert.Equal("Idempotency-Key", IdempotencyKeyParser.Parse([new string('k', 201)]).Error?.Field);
    }
}
