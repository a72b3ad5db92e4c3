using System.Text;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Tests.Fuzzing;

/// <summary>
/// Makes hostile bytes out of sound ones: bits, lengths and splices as anywhere, and what only this ledger's forms have: lines of notes, parts of JWS mutated
/// below their base64url, members that stand twice, numbers and texts that two readers read differently. The same seed gives the same bytes.
/// </summary>
internal sealed class Mutations(int seed)
{
    private const int Longest = 96 * 1024;

    private static readonly string[] Numbers = ["-0", "0", "-1", "1e5", "1.0", "007", "9007199254740991", "9007199254740992", "-9223372036854775809", "99999999999999999999999", "253402300800", "0.000000001", "999999999999999999.999999999"];

    private static readonly string[] Texts =
    [
        "\u0000", "\\u0000", "\\ud800", "\\udc00\\ud800", "\ufffe", "\\uFDD0", "\u202e", "\\u2066", "\ufeff", "e\u0301", "\u00e9", "\ud83d\ude00", "\\/", "\\u0041", "\t", "\r\n", "\"", "\\", "null", "true", "{}", "[]", "[[[[[[[[[[[[[[[[[",
        "\u2014 ", "\n\n", "+", "=", "==", "~", ".", "..", ",", ":", "-", "_", "/", "x000/", ".p/1", " ", "\u00a0", "\u2028", "did:web:", "urn:uuid:", "https://id.gs1.org/01/", "#", "%3A", "_sd", "...",
    ];

    private readonly Random _random = new(seed);

    /// <summary>One hostile input out of a sound one and, now and then, another.</summary>
    public byte[] Of(byte[] sound, byte[] other)
    {
        var bytes = sound;
        for (var times = 1 << _random.Next(4); times > 0; times--)
        {
            bytes = Once(bytes, other);
        }

        return bytes.Length > Longest ? bytes[..Longest] : bytes;
    }

    private byte[] Once(byte[] bytes, byte[] other) => _random.Next(14) switch
    {
        0 or 1 => Flipped(bytes),
        2 => With(bytes, [(byte)_random.Next(256)]),
        3 => Without(bytes),
        4 => Repeated(bytes),
        5 => [.. bytes[..At(bytes)], .. other[At(other)..]],
        6 => bytes[..At(bytes)],
        7 => Number(bytes),
        8 => With(bytes, Encoding.UTF8.GetBytes(Texts[_random.Next(Texts.Length)])),
        9 => Lines(bytes),
        10 => Member(bytes),
        11 or 12 => Part(bytes, other),
        _ => Exchanged(bytes),
    };

    private int At(byte[] bytes) => _random.Next(bytes.Length + 1);

    private byte[] Flipped(byte[] bytes)
    {
        if (bytes.Length == 0)
        {
            return bytes;
        }

        var flipped = bytes.ToArray();
        flipped[_random.Next(bytes.Length)] ^= (byte)(1 << _random.Next(8));
        return flipped;
    }

    private byte[] With(byte[] bytes, byte[] more)
    {
        var at = At(bytes);
        return [.. bytes[..at], .. more, .. bytes[at..]];
    }

    private byte[] Without(byte[] bytes)
    {
        var at = At(bytes);
        return [.. bytes[..at], .. bytes[Math.Min(bytes.Length, at + 1 + _random.Next(16))..]];
    }

    // Lengths: a stretch again and again.
    private byte[] Repeated(byte[] bytes)
    {
        var from = At(bytes);
        var stretch = bytes[from..Math.Min(bytes.Length, from + 1 + _random.Next(256))];
        var times = 1 << _random.Next(8);
        return stretch.Length * times > Longest ? bytes : [.. bytes[..from], .. Enumerable.Repeat(stretch, times).SelectMany(s => s), .. bytes[from..]];
    }

    private byte[] Number(byte[] bytes)
    {
        var at = Array.FindIndex(bytes, At(bytes) is var from && from < bytes.Length ? from : 0, b => b is >= (byte)'0' and <= (byte)'9');
        if (at < 0)
        {
            return bytes;
        }

        var end = at;
        while (end < bytes.Length && bytes[end] is >= (byte)'0' and <= (byte)'9')
        {
            end++;
        }

        return [.. bytes[..at], .. Encoding.ASCII.GetBytes(Numbers[_random.Next(Numbers.Length)]), .. bytes[end..]];
    }

    private byte[] Lines(byte[] bytes)
    {
        var lines = Split(bytes, (byte)'\n');
        var (a, b) = (_random.Next(lines.Count), _random.Next(lines.Count));
        switch (_random.Next(3))
        {
            case 0:
                lines.Insert(a, lines[b]);
                break;
            case 1:
                lines.RemoveAt(a);
                break;
            default:
                (lines[a], lines[b]) = (lines[b], lines[a]);
                break;
        }

        return Join(lines, (byte)'\n');
    }

    // A member of JSON again, with the same or another value: from one comma or brace to the next.
    private byte[] Member(byte[] bytes)
    {
        var marks = Enumerable.Range(0, bytes.Length).Where(i => bytes[i] is (byte)',' or (byte)'{').ToArray();
        if (marks.Length < 2)
        {
            return bytes;
        }

        var at = _random.Next(marks.Length - 1);
        var member = bytes[(marks[at] + 1)..marks[at + 1]];
        var to = marks[_random.Next(marks.Length)] + 1;
        return [.. bytes[..to], .. member, (byte)',', .. bytes[to..]];
    }

    // Below base64url: what a part of a JWS, a disclosure or a receipt says.
    private byte[] Part(byte[] bytes, byte[] other)
    {
        var parts = Split(bytes, (byte)'.');
        var at = _random.Next(parts.Count);
        return StrictBase64Url.Decode(Encoding.Latin1.GetString(parts[at])) is { Length: > 0 } inside
            ? Join([.. parts.Take(at), Encoding.ASCII.GetBytes(StrictBase64Url.Encode(Once(inside, other))), .. parts.Skip(at + 1)], (byte)'.')
            : Flipped(bytes);
    }

    private byte[] Exchanged(byte[] bytes)
    {
        var (a, b, c) = (At(bytes), At(bytes), At(bytes));
        var (first, second, third) = (Math.Min(a, Math.Min(b, c)), a + b + c - Math.Min(a, Math.Min(b, c)) - Math.Max(a, Math.Max(b, c)), Math.Max(a, Math.Max(b, c)));
        return [.. bytes[..first], .. bytes[second..third], .. bytes[first..second], .. bytes[third..]];
    }

    private static List<byte[]> Split(byte[] bytes, byte by)
    {
        var parts = new List<byte[]>();
        var from = 0;
        for (var i = 0; i <= bytes.Length; i++)
        {
            if (i == bytes.Length || bytes[i] == by)
            {
                parts.Add(bytes[from..i]);
                from = i + 1;
            }
        }

        return parts;
    }

    private static byte[] Join(List<byte[]> parts, byte by) => [.. parts.SelectMany((part, i) => i == 0 ? part : part.Prepend(by))];
}
