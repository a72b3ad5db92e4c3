using System.Net;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Client;

/// <summary>Where the files of a log are read from: its address, or a folder with the same paths, such as a mirror or a backup.</summary>
public abstract class LogFiles
{
    private LogFiles()
    {
    }

    /// <summary>The files below the log's address.</summary>
    public static LogFiles At(LedgerApi api) => new Web(api);

    /// <summary>The files below a folder.</summary>
    public static LogFiles In(string folder) => new Folder(folder);

    /// <summary>The files of a log as they were when it was shorter, out of those of a later time: what was partial then is the beginning of what is there now.</summary>
    /// <param name="files">The files now.</param>
    /// <param name="size">Size of the tree now.</param>
    internal static LogFiles BeforeItGrew(LogFiles files, ulong size) => new Earlier(files, size);

    /// <summary>The bytes of a file; null when there is none of that path.</summary>
    /// <param name="path">Such as <c>checkpoint</c> or <c>tile/0/000</c>.</param>
    /// <param name="limit">Most bytes read.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="LedgerApiException">The log refuses, cannot be reached, or the file is longer.</exception>
    public abstract Task<byte[]?> ReadAsync(string path, int limit, CancellationToken cancellation);

    /// <summary>
    /// The file that tells the disclosures of an entry bundle's entries that whoever asks may see; null where none are told: in a folder without them, to the
    /// public, to a caller without the right.
    /// </summary>
    /// <param name="bundle">Number of the bundle of 256 entries, from 0.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="LedgerApiException">The log cannot be reached.</exception>
    internal abstract Task<byte[]?> DisclosuresAsync(ulong bundle, CancellationToken cancellation);

    private sealed class Web(LedgerApi api) : LogFiles
    {
        private readonly Lock _gate = new();
        private Task? _first;
        private bool _isRefused = !api.HasCaller;

        // Refused once, refused for every bundle; a ledger that tells nobody has no such address. So the others wait for the first answer.
        internal override async Task<byte[]?> DisclosuresAsync(ulong bundle, CancellationToken cancellation)
        {
            TaskCompletionSource? mine = null;
            lock (_gate)
            {
                _first ??= (mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            if (mine is null)
            {
                await _first;
            }

            try
            {
                if (_isRefused)
                {
                    return null;
                }

                var told = await ReadAsync(ToldDisclosures.PathOf(bundle), ToldDisclosures.MaximumLength, cancellation);
                _isRefused |= told is null;
                return told;
            }
            catch (LedgerApiException e) when (e.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
            {
                _isRefused = true;
                return null;
            }
            finally
            {
                mine?.SetResult();
            }
        }

        // Not there is an answer, whoever gives it: a plain web server knows no problems of ours.
        public override Task<byte[]?> ReadAsync(string path, int limit, CancellationToken cancellation) => Patience.Default.CallAsync<byte[]?>(
            async () =>
            {
                try
                {
                    return await api.GetFileAsync(path, limit, cancellation);
                }
                catch (LedgerApiException e) when (e.Status == HttpStatusCode.NotFound)
                {
                    return null;
                }
            },
            TimeProvider.System,
            cancellation);
    }

    private sealed class Folder(string folder) : LogFiles
    {
        internal override Task<byte[]?> DisclosuresAsync(ulong bundle, CancellationToken cancellation) =>
            ReadAsync(ToldDisclosures.PathOf(bundle), ToldDisclosures.MaximumLength, cancellation);

        public override async Task<byte[]?> ReadAsync(string path, int limit, CancellationToken cancellation)
        {
            var file = new FileInfo(Path.Combine(folder, path));
            try
            {
                return !file.Exists ? null
                    : file.Length > limit ? throw LedgerApiException.Unsound($"{path} is longer than {limit} bytes.")
                    : await File.ReadAllBytesAsync(file.FullName, cancellation);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new LedgerApiException(null, LedgerApiException.Unreachable, $"{path} cannot be read: {e.Message}", e);
            }
        }
    }

    private sealed class Earlier(LogFiles files, ulong size) : LogFiles
    {
        internal override Task<byte[]?> DisclosuresAsync(ulong bundle, CancellationToken cancellation) => files.DisclosuresAsync(bundle, cancellation);

        public override async Task<byte[]?> ReadAsync(string path, int limit, CancellationToken cancellation)
        {
            if (await files.ReadAsync(path, limit, cancellation) is { } bytes)
            {
                return bytes;
            }

            if (Tile.TryParse(path, out var tile) && Tile.At(tile.Level, tile.Index, size) is { } now)
            {
                return await files.ReadAsync(now.Path, Tile.FullLength, cancellation) is { } hashes ? hashes[..Math.Min(hashes.Length, tile.Length)] : null;
            }

            return Tile.TryParseEntries(path, out tile) && Tile.At(0, tile.Index, size) is { } bundle && await files.ReadAsync(bundle.EntriesPath, limit, cancellation) is { } all
                ? EntryBundle.Decode(all, bundle.Width, out _) is { } entries ? EntryBundle.Encode([.. entries.Take(tile.Width)]) : all
                : null;
        }
    }
}
