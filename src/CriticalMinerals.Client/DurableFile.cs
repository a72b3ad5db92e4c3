using System.Runtime.InteropServices;

namespace CriticalMinerals.Client;

/// <summary>Files that are there whole or not at all, also after a power cut, readable by their owner alone unless they are for everybody.</summary>
internal static class DurableFile
{
    /// <summary>What a write in progress is called; such a file was never finished.</summary>
    internal const string HalfSuffix = ".half";

    /// <summary>Writes beside, flushes, moves over, and flushes the folder: when it returns, the file is on the disk.</summary>
    internal static void Write(string file, ReadOnlyMemory<byte> bytes, bool isForEverybody = false) => Write(file, stream => stream.Write(bytes.Span), isForEverybody);

    /// <inheritdoc cref="Write(string, ReadOnlyMemory{byte}, bool)"/>
    internal static void Write(string file, Action<Stream> content, bool isForEverybody = false)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | (isForEverybody ? UnixFileMode.GroupRead | UnixFileMode.OtherRead : UnixFileMode.None);
        }

        using (var stream = new FileStream(file + HalfSuffix, options))
        {
            content(stream);
            stream.Flush(flushToDisk: true);
        }

        File.Move(file + HalfSuffix, file, overwrite: true);
        FlushFolderOf(file);
    }

    /// <summary>Deletes a file so that it stays deleted.</summary>
    internal static void Delete(string file)
    {
        File.Delete(file);
        FlushFolderOf(file);
    }

    // A new name is durable once its folder is (POSIX fsync). The framework opens no folders, so the C library is asked; Windows needs none of it.
    private static void FlushFolderOf(string file)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        var handle = Open(folder, 0);
        if (handle < 0)
        {
            throw new IOException($"{folder} cannot be opened to flush it: error {Marshal.GetLastPInvokeError()}.");
        }

        var flushed = Flush(handle);
        _ = Close(handle);
        if (flushed != 0)
        {
            throw new IOException($"{folder} cannot be flushed to the disk: error {Marshal.GetLastPInvokeError()}.");
        }
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open(string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Flush(int handle);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int handle);
}
