using System.Text.Json;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle;

/// <summary>
/// A <see cref="LedgerState"/> as bytes, for an auditor that goes on another day. Nobody signs them and only the program that wrote them reads them: whoever keeps
/// them sees to it that they are its own. Numbers little-endian, texts as UTF-8 with their length before.
/// </summary>
internal static class LedgerStateForm
{
    /// <summary>Writes a state, changes that nobody took left out.</summary>
    internal static void Write(LedgerState state, BinaryWriter to)
    {
        to.Write(state.Origin);
        to.Write(state.Size);
        to.Write(state.First);
        to.Write(JsonSerializer.Serialize(state.Predecessor));
        var chains = new Dictionary<string, int>(StringComparer.Ordinal);
        to.Write(state.Chains.Count);
        foreach (var chain in state.Chains)
        {
            chains.Add(chain.Subject, chains.Count);
            var bytes = chain.ToBytes();
            to.Write(bytes.Length);
            to.Write(bytes);
        }

        var texts = new Dictionary<string, int>(StringComparer.Ordinal);
        to.Write(state.Entries.Count());
        foreach (var (leafHash, fact, keyId) in state.Entries)
        {
            Write(leafHash, to);
            to.Write(fact.Index);
            to.Write(chains[fact.Subject]);
            WriteShared(fact.Event, texts, to);
            WriteShared(fact.Issuer, texts, to);
            WriteShared(keyId, texts, to);
        }

        to.Write(state.Ids.Count);
        foreach (var id in state.Ids)
        {
            Write(id, to);
        }

        to.Write(state.Lines.Count);
        foreach (var ((entry, number), line) in state.Lines)
        {
            Write(entry, to);
            to.Write(number);
            to.Write(chains[line.Giver]);
            Write(line.Commitment, to);
            WriteShared(line.Unit, texts, to);
            to.Write(line.Quantity is not null);
            to.Write(line.Quantity ?? 0);
            to.Write(line.Purpose is { } purpose ? (int)purpose : -1);
            WriteShared(line.Content is null ? null : JsonSerializer.Serialize(line.Content), texts, to);
            Write(line.TakenBy ?? Digest.Zero, to);
            to.Write(line.Withdrawn);
        }

        to.Write(state.Claims.Count);
        foreach (var (claim, owner) in state.Claims)
        {
            to.Write(claim);
            WriteShared(owner, texts, to);
        }
    }

    /// <summary>Reads what <see cref="Write(LedgerState, BinaryWriter)"/> wrote, for a replay to go on.</summary>
    /// <exception cref="InvalidDataException">The bytes are something else.</exception>
    internal static LedgerState Read(BinaryReader from)
    {
        try
        {
            var state = new LedgerState(from.ReadString())
            {
                IsReplay = true,
                Size = from.ReadInt64(),
                First = from.ReadInt64(),
                Predecessor = JsonSerializer.Deserialize<Opening.Predecessor>(from.ReadString()),
            };
            var chains = new string[ReadCount(from)];
            for (var i = 0; i < chains.Length; i++)
            {
                var chain = ChainState.FromBytes(from.ReadBytes(ReadCount(from))) ?? throw new InvalidDataException("A chain is missing.");
                chains[i] = chain.Subject;
                state.Load(chain);
            }

            // Names once more, now that the chains they name are there.
            foreach (var chain in state.Chains.ToArray())
            {
                state.Load(chain.Named(state.Same));
            }

            var texts = new List<string>();
            for (var count = ReadCount(from); count > 0; count--)
            {
                var leafHash = ReadDigest(from);
                var (index, chain) = (from.ReadInt64(), chains[from.ReadInt32()]);
                state.Load(leafHash, new EntryFact(index, chain, ReadShared(texts, from)!, ReadShared(texts, from)!), ReadShared(texts, from));
            }

            for (var count = ReadCount(from); count > 0; count--)
            {
                state.Load(ReadDigest(from));
            }

            for (var count = ReadCount(from); count > 0; count--)
            {
                var (entry, number, giver, commitment, unit) = (ReadDigest(from), from.ReadInt32(), chains[from.ReadInt32()], ReadDigest(from), ReadShared(texts, from));
                var (known, quantity, purpose, content, taker) = (from.ReadBoolean(), from.ReadDecimal(), from.ReadInt32(), ReadShared(texts, from), ReadDigest(from));
                state.Load(entry, number, new GivenLine(giver, commitment, unit, known ? quantity : null)
                {
                    Purpose = purpose < 0 ? null : (LinePurpose)purpose,
                    Content = content is null ? null : JsonSerializer.Deserialize<Composition>(content),
                    TakenBy = taker == Digest.Zero ? null : taker,
                    Withdrawn = from.ReadBoolean(),
                });
            }

            for (var count = ReadCount(from); count > 0; count--)
            {
                state.Load(from.ReadString(), ReadShared(texts, from)!);
            }

            return state;
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw new InvalidDataException($"These are not the bytes of a state: {e.Message}", e);
        }
    }

    /// <summary>What reading bytes that nobody wrote so can throw: they are trusted for what they say, not for being whole.</summary>
    internal static bool IsDamage(Exception e) => e is JsonException or IOException or ArgumentException or FormatException or OverflowException or IndexOutOfRangeException or
        NotSupportedException or InvalidOperationException or NullReferenceException or KeyNotFoundException;

    /// <summary>How many follow. Each takes a byte at least, so that no number makes room for more than there is.</summary>
    internal static int ReadCount(BinaryReader from)
    {
        var count = from.ReadInt32();
        return count >= 0 && (!from.BaseStream.CanSeek || count <= from.BaseStream.Length - from.BaseStream.Position)
            ? count
            : throw new InvalidDataException("It ends before all that it says it holds.");
    }

    internal static void Write(in Digest digest, BinaryWriter to)
    {
        Span<byte> bytes = stackalloc byte[Digest.Length];
        digest.CopyTo(bytes);
        to.Write(bytes);
    }

    private static Digest ReadDigest(BinaryReader from)
    {
        Span<byte> bytes = stackalloc byte[Digest.Length];
        from.BaseStream.ReadExactly(bytes);
        return new Digest(bytes);
    }

    // The first time a text stands there itself, then its number; -1 for none.
    private static void WriteShared(string? text, Dictionary<string, int> texts, BinaryWriter to)
    {
        if (text is null)
        {
            to.Write(-1);
        }
        else if (texts.TryGetValue(text, out var number))
        {
            to.Write(number);
        }
        else
        {
            to.Write(texts.Count);
            texts.Add(text, texts.Count);
            to.Write(text);
        }
    }

    private static string? ReadShared(List<string> texts, BinaryReader from)
    {
        var number = from.ReadInt32();
        if (number == texts.Count)
        {
            texts.Add(from.ReadString());
        }

        return number < 0 ? null : texts[number];
    }
}
