using System.Net;

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

    /// <summary>The bytes of a file; null when there is none of that path.</summary>
    /// <param name="path">Such as <c>checkpoint</c> or <c>tile/0/000</c>.</param>
    /// <param name="limit">Most bytes read.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="LedgerApiException">The log refuses, cannot be reached, or the file is longer.</exception>
    public abstract Task<byte[]?> ReadAsync(string path, int limit, CancellationToken cancellation);

    /// <summary>The disclosures of an entry bundle's entries that whoever asks may see, by index; null where none are told: in a folder, to the public, to a caller without the right.</summary>
    /// <param name="bundle">Number of the bundle of 256 entries, from 0.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="LedgerApiException">The log cannot be reached, or its answer is none.</exception>
    internal virtual Task<IReadOnlyDictionary<ulong, IReadOnlyList<string>>?> DisclosuresAsync(ulong bundle, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyDictionary<ulong, IReadOnlyList<string>>?>(null);

    private sealed class Web(LedgerApi api) : LogFiles
    {
        private bool _isRefused = !api.HasCaller;

        internal override async Task<IReadOnlyDictionary<ulong, IReadOnlyList<string>>?> DisclosuresAsync(ulong bundle, CancellationToken cancellation)
        {
            if (_isRefused)
            {
                return null;
            }

            try
            {
                return await Patience.Default.CallAsync(() => api.GetDisclosuresAsync(bundle, cancellation), TimeProvider.System, cancellation);
            }
            catch (LedgerApiException e) when (e.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound)
            {
                // Refused once, refused for every bundle; a ledger that tells nobody has no such address.
                _isRefused = true;
                return null;
            }
        }

        public override async Task<byte[]?> ReadAsync(string path, int limit, CancellationToken cancellation)
        {
            try
            {
                return await Patience.Default.CallAsync(() => api.GetFileAsync(path, limit, cancellation), TimeProvider.System, cancellation);
            }
            catch (LedgerApiException e) when (e.Status == HttpStatusCode.NotFound)
            {
                return null;
            }
        }
    }

    private sealed class Folder(string folder) : LogFiles
    {
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
}
