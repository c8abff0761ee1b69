using System.Text;
using Recorder.Node.Processes;

namespace Recorder.Node.Tests.Delivery;

public sealed class OutputTailTests
{
    [Theory]
    [InlineData("", null)]
    [InlineData("\n\n", null)]
    [InlineData("one", "one")]
    [InlineData("one\ntwo\n", "one\ntwo")]
    [InlineData("one\r\ntwo\r\n", "one\ntwo")]
    [InlineData("a\u001b[31mb\0c\td", "a?[31mb?c d")]
    [InlineData("Žluťoučký", "Žluťoučký")]
    public void What_is_short_is_told_whole_in_lines_that_are_safe_to_show(string written, string? told)
    {
        var tail = new OutputTail();
        tail.Add(Encoding.UTF8.GetBytes(written));

        Assert.Equal(told, tail.Text);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(4096)]
    [InlineData(100_000)]
    public void Only_the_last_lines_are_told_however_the_output_is_cut(int piece)
    {
        var written = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 5_000).Select(n => $"line {n}\n")));
        var tail = new OutputTail();
        for (var at = 0; at < written.Length; at += piece)
        {
            tail.Add(written.AsSpan(at, Math.Min(piece, written.Length - at)));
        }

        Assert.Equal(string.Join('\n', Enumerable.Range(4_980, 20).Select(n => $"line {n}")), tail.Text);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_line_without_end_is_cut_at_its_front_between_two_characters(int shift)
    {
        var tail = new OutputTail();
        tail.Add(
            Encoding.UTF8.GetBytes(
                new string('x', shift) + string.Concat(Enumerable.Repeat("€", 3_000)) + new string('x', shift)
            )
        );

        var text = Assert.IsType<string>(tail.Text);
        Assert.InRange(Encoding.UTF8.GetByteCount(text), OutputTail.MostBytes - 3, OutputTail.MostBytes);
        Assert.Equal('€', text[0]);
        Assert.DoesNotContain('?', text);
    }
}
