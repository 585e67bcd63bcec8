using System.Security.Cryptography;
using System.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Zoo;

/// <summary>Loads a network's weights from the files of PyTorch programs (.safetensors, .pth, .pt with a state_dict), and saves them as safetensors.</summary>
public static class WeightFiles
{
    /// <summary>Copies a file's tensors into the parameters and buffers of the same names.</summary>
    /// <remarks>
    /// Content decides between the formats, not the name of the file. Everything is compared first: when anything is missing, unexpected or of another
    /// shape, it is listed and nothing is changed. Without a mapping, names may differ by <c>module.</c> and <c>_orig_mod.</c> anywhere and by a
    /// leading <c>model.</c>; the weights may stand under <c>state_dict</c>, <c>model_state_dict</c> or <c>model</c> in a .pth. Weights of a module that the
    /// network has at several places may stand in the file once or at each place. A missing <c>num_batches_tracked</c> keeps its value, and one of shape (1)
    /// is taken. Floating-point types are converted to the network's.
    /// <para>Safety: a .safetensors file holds numbers only. A .pth is a pickle, which in Python may run any code. Here it cannot: TorchSharp.PyBridge builds
    /// tensors, dictionaries and plain values; a class of any other name is refused or becomes a dictionary, and no code is found by its name. The archive's
    /// CRC-32 are compared, and compressed parts are refused. What remains: a hostile file can claim huge shapes and so ask for much memory. Load unknown
    /// files as safetensors, or in a process with a limit.</para>
    /// </remarks>
    /// <param name="network">The network; its weights may be on any device.</param>
    /// <param name="path">The file.</param>
    /// <param name="mapping">From a name in the file to the network's name for it, or to null for a tensor to be left out; by default as said above.</param>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, or does not fit the network; the message says which keys, and what to do.</exception>
    public static void LoadWeights(this nn.Module network, string path, Func<string, string?>? mapping = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        using var file = ReadWeights(path);
        var fit = WeightFit.Find(path, file, network, mapping);
        var targets = network.state_dict();
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (name, source) in fit.Plan) targets[name].copy_(source.reshape(targets[name].shape));
    }

    /// <summary>Reads the tensors of a .safetensors or .pth file onto the CPU, under the names of the file; the caller disposes the result.</summary>
    /// <inheritdoc cref="LoadWeights" path="/remarks"/>
    /// <param name="path">The file.</param>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file is damaged or holds no weights; the message names the rule.</exception>
    public static NamedTensors ReadWeights(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Span<byte> start = stackalloc byte[4];
        int count;
        using (var file = File.OpenRead(path)) count = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        return PickleArchive.IsMine(start[..count]) ? PickleReader.Read(path) : Safetensors.Read(path);
    }

    /// <summary>Writes all parameters and persistent buffers, with a checksum, so that the file's name only ever holds a whole file.</summary>
    /// <param name="network">The network; its weights may be on any device.</param>
    /// <param name="path">The safetensors file; overwritten when it exists.</param>
    /// <param name="mapping">From the network's name for a tensor to the name in the file; by default the same.</param>
    /// <exception cref="ArgumentException"><paramref name="mapping"/> gives two tensors one name.</exception>
    /// <exception cref="IOException">The folder is missing, full or not writable; no partial file remains, and an old file is unchanged.</exception>
    public static void SaveWeights(this nn.Module network, string path, Func<string, string>? mapping = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var (name, tensor) in network.state_dict())
        {
            var key = mapping is null ? name : mapping(name);
            if (!tensors.TryAdd(key, tensor))
                throw new ArgumentException($"mapping must give each tensor a different name, but gives '{key}' to two; one is '{name}'.", nameof(mapping));
        }

        Safetensors.Write(path, tensors, new Dictionary<string, string> { ["format"] = "pt" });
    }

    /// <summary>The SHA-256 of all parameters and persistent buffers, in hexadecimal digits: their names, types, shapes and values, on any device.</summary>
    /// <param name="network">The network.</param>
    public static string HashWeights(this nn.Module network)
    {
        ArgumentNullException.ThrowIfNull(network);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, tensor) in network.state_dict().OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{name} {tensor.dtype} ({string.Join(", ", tensor.shape)})\n"));
            if (tensor.numel() == 0) continue;
            using var scope = NewDisposeScope();
            hash.AppendData(tensor.detach().cpu().contiguous().bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
