using System.ComponentModel;
using System.Globalization;

namespace Recorder.Cluster.Settings;

/// <summary>A number of bytes, as people write it: <c>500 MB</c> (10^6 bytes), <c>2 GB</c>, <c>64 KiB</c> (1024
/// bytes).</summary>
/// <param name="Bytes">The bytes, 0 or more.</param>
[TypeConverter(typeof(ByteSizeConverter))]
public readonly record struct ByteSize(long Bytes)
{
    private const long Megabyte = 1_000_000;

    private static readonly (string Name, long Bytes)[] Units =
    [
        ("TB", 1_000_000_000_000),
        ("GB", 1_000_000_000),
        ("MB", Megabyte),
        ("kB", 1_000),
        ("TiB", 1L << 40),
        ("GiB", 1L << 30),
        ("MiB", 1L << 20),
        ("KiB", 1L << 10),
        ("B", 1),
    ];

    /// <summary>The size in whole MB (10^6 bytes), rounded down.</summary>
    public long Megabytes => Bytes / Megabyte;

    /// <summary>A size of a number of MB (10^6 bytes).</summary>
    /// <param name="megabytes">The number, 0 or more.</param>
    public static ByteSize FromMegabytes(long megabytes) => new(megabytes * Megabyte);

    /// <summary>Reads a size. A number without a unit is refused. Capital and small letters of a unit mean the
    /// same.</summary>
    /// <param name="text">The text.</param>
    /// <param name="size">The size, at most 10^18 bytes.</param>
    public static bool TryParse(string text, out ByteSize size)
    {
        ArgumentNullException.ThrowIfNull(text);
        size = default;
        if (!Quantity.TryRead(text, out var number, out var name))
        {
            return false;
        }
        var unit = Array.Find(Units, unit => unit.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (unit.Bytes == 0 || number * unit.Bytes > 1e18)
        {
            return false;
        }
        size = new ByteSize((long)Math.Round(number * unit.Bytes));
        return true;
    }

    /// <summary>Writes the size in the unit with the smallest whole number. If a decimal and a binary unit are equal,
    /// the decimal unit wins.</summary>
    public override string ToString()
    {
        var bytes = Bytes;
        var unit = bytes == 0 ? Units[^1] : Units.Where(unit => bytes % unit.Bytes == 0).MaxBy(unit => unit.Bytes);
        return string.Create(CultureInfo.InvariantCulture, $"{bytes / unit.Bytes} {unit.Name}");
    }
}

/// <summary>Lets .NET's configuration binder read a <see cref="ByteSize"/>.</summary>
internal sealed class ByteSizeConverter : TypeConverter
{
    /// <inheritdoc/>
    public override bool CanConvertFrom(ITypeDescriptorContext? context, Type sourceType) =>
        sourceType == typeof(string);

    /// <inheritdoc/>
    public override object ConvertFrom(ITypeDescriptorContext? context, CultureInfo? culture, object value) =>
        value is string text && ByteSize.TryParse(text, out var size)
            ? size
            : throw new FormatException($"\"{value}\" is no size such as 500 MB.");
}
