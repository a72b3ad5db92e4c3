using System.Globalization;
using System.Numerics;
using System.Text;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Service.Log;

/// <summary>
/// Which disclosures a restore was not brought: a file beside the pin, out of the database's reach. Whoever deletes a disclosure there cannot say here that it
/// never came. It names the ledger by the id of its pin and, one entry a line, the index and the places of those disclosures among the entry's digests.
/// </summary>
public sealed class Withheld
{
    /// <summary>Its name in the data folder.</summary>
    public const string FileName = "withheld";

    private const string Header = "cm-withheld/1 ";

    private readonly SortedDictionary<long, ulong> _entries = [];

    /// <summary>One that names none yet.</summary>
    public Withheld(Pin pin)
    {
        ArgumentNullException.ThrowIfNull(pin);
        Path = PathBeside(pin);
    }

    /// <summary>Where it stands.</summary>
    public string Path { get; }

    /// <summary>The pin's id of the ledger it is of; null where there is no file.</summary>
    public Guid? Ledger { get; private set; }

    /// <summary>What stands beside a pin; of no ledger and empty where nothing does.</summary>
    /// <exception cref="StartupException">The file is there and is none, or cannot be read.</exception>
    public static Withheld Read(Pin pin)
    {
        var found = new Withheld(pin);
        var path = found.Path;
        if (!File.Exists(path))
        {
            return found;
        }

        try
        {
            using var lines = File.ReadLines(path).GetEnumerator();
            if (!lines.MoveNext() || !lines.Current.StartsWith(Header, StringComparison.Ordinal) || !Guid.TryParseExact(lines.Current[Header.Length..], "D", out var ledger))
            {
                throw Damaged(path, 1);
            }

            found.Ledger = ledger;
            for (var (number, last) = (2, long.MinValue); lines.MoveNext(); number++)
            {
                var parts = lines.Current.Split(' ');
                if (parts.Length != 2 || !long.TryParse(parts[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index) || index <= last ||
                    !ulong.TryParse(parts[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var places) || places == 0)
                {
                    throw Damaged(path, number);
                }

                found._entries[last = index] = places;
            }

            return found;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"{path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Whether a disclosure of an entry was not brought.</summary>
    /// <param name="index">The entry's index; below 0 of a log before this one.</param>
    /// <param name="place">Which of the entry's digests, from 0.</param>
    public bool Holds(long index, int place) => _entries.TryGetValue(index, out var places) && (places >> place & 1) == 1;

    /// <summary>Takes in which disclosures an entry lacks and returns how many.</summary>
    /// <param name="index">Its index.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="lacking">Their digests.</param>
    public int Add(long index, Entry entry, IReadOnlySet<Digest> lacking)
    {
        ArgumentNullException.ThrowIfNull(entry);
        ArgumentNullException.ThrowIfNull(lacking);
        var places = 0UL;
        for (var place = 0; place < entry.Digests.Count; place++)
        {
            places |= lacking.Contains(entry.Digests[place]) ? 1UL << place : 0;
        }

        if (places != 0)
        {
            _entries[index] = places;
        }

        return BitOperations.PopCount(places);
    }

    /// <summary>Takes over what was said of a ledger's entries below an index, which stay; those from there on are written with what was brought now.</summary>
    public void Keep(Withheld before, Guid ledger, long below)
    {
        ArgumentNullException.ThrowIfNull(before);
        Ledger = ledger;
        foreach (var (index, _) in _entries.Where(entry => entry.Key < below).ToArray())
        {
            _entries.Remove(index);
        }

        foreach (var (index, places) in before.Ledger == ledger ? before._entries.Where(entry => entry.Key < below) : [])
        {
            _entries[index] = places;
        }
    }

    /// <summary>Writes the file, whole or not at all; none where nothing is to be said and none was.</summary>
    public void Write()
    {
        if (_entries.Count == 0 && !File.Exists(Path))
        {
            return;
        }

        var text = new StringBuilder().Append(Header).Append(Ledger!.Value.ToString("D")).Append('\n');
        foreach (var (index, places) in _entries)
        {
            text.Append(CultureInfo.InvariantCulture, $"{index} {places:x}\n");
        }

        PrivateFile.Write(Path, Encoding.ASCII.GetBytes(text.ToString()));
    }

    private static string PathBeside(Pin pin) => System.IO.Path.Combine(System.IO.Path.GetDirectoryName(pin.Path)!, FileName);

    private static StartupException Damaged(string path, int line) =>
        new($"{path} is damaged in line {line}. Bring the file back from the backup of the data folder; without it every disclosure that a restore was not brought counts as taken away.");
}
