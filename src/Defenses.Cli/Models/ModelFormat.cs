using System.IO.Compression;

namespace Defenses.Cli;

/// <summary>What a model file is: weights for a network that must be named, or a whole network.</summary>
internal enum ModelFormat
{
    Weights,
    TorchScript,
    Onnx,
}

/// <summary>Tells what a model file is: ONNX by its name, which is all that it has; everything else by its content.</summary>
internal static class ModelFormats
{
    /// <exception cref="InvalidDataException">It is an archive that was cut off.</exception>
    internal static ModelFormat Of(string path)
    {
        if (path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase)) return ModelFormat.Onnx;
        using var file = File.OpenRead(path);
        var start = new byte[2];
        if (file.ReadAtLeast(start, 2, throwOnEndOfStream: false) < 2 || !start.AsSpan().SequenceEqual("PK"u8)) return ModelFormat.Weights;
        file.Position = 0;
        try
        {
            using var archive = new ZipArchive(file, ZipArchiveMode.Read);
            return archive.Entries.Any(entry => entry.Name == "constants.pkl" || entry.FullName.Contains("/code/", StringComparison.Ordinal))
                ? ModelFormat.TorchScript : ModelFormat.Weights;
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException($"'{path}' must be a whole archive, as PyTorch writes it, but is damaged or cut off: {error.Message} "
                + "Fetch it again.");
        }
    }
}
