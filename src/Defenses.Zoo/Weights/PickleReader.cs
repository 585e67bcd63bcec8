using System.Collections;
using TorchSharp;
using TorchSharp.PyBridge;
using static TorchSharp.torch;

namespace Defenses.Zoo;

/// <summary>Reads the tensors of a file that PyTorch's <c>torch.save</c> wrote: a state_dict, alone or inside a dictionary.</summary>
/// <remarks>TorchSharp.PyBridge reads the pickle; <see cref="PickleArchive"/> checks the archive around it. See docs/decisions/0015-weights.md.</remarks>
internal static class PickleReader
{
    private const int DeepestNesting = 8;

    // Where training programs put the weights, the usual one first.
    private static readonly string[] Wrappers = ["state_dict", "model_state_dict", "model"];

    public static NamedTensors Read(string path)
    {
        using var file = File.OpenRead(path);
        PickleArchive.Check(path, file);
        using var scope = NewDisposeScope();
        var weights = Weights(path, Unpickle(path, file));
        var tensors = new NamedTensors(new Dictionary<string, string>());
        try
        {
            foreach (DictionaryEntry entry in weights)
            {
                if (entry is { Key: string key, Value: Tensor tensor }) tensors.Add(key, tensor.alias());
            }

            return tensors;
        }
        catch
        {
            tensors.Dispose();
            throw;
        }
    }

    private static Hashtable Unpickle(string path, FileStream file)
    {
        try
        {
            return PyTorchUnpickler.UnpickleStateDict(file, leaveOpen: true);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            throw BadFile.Error(path, $"must hold a state_dict of plain tensors, but its pickle cannot be read: {FirstLine(error)} In PyTorch, save "
                + "{name: weights.contiguous().clone() for name, weights in model.state_dict().items()} with torch.save, or save safetensors.", error);
        }
    }

    private static Hashtable Weights(string path, Hashtable content)
    {
        var found = content;
        for (var depth = 0; depth < DeepestNesting && Wrappers.Select(name => found[name]).OfType<Hashtable>().FirstOrDefault() is { } inner; depth++)
            found = inner;
        if (found.Values.OfType<Tensor>().Any()) return found;
        var keys = string.Join(", ", found.Keys.OfType<string>().Order(StringComparer.Ordinal).Take(10));
        throw BadFile.Error(path, $"must hold tensors, alone or under {string.Join(", ", Wrappers)}, but has only the keys: {keys}. "
            + "Save the network's state_dict() alone.");
    }

    private static string FirstLine(Exception error) => (error.InnerException ?? error).Message.Split('\n')[0].TrimEnd('.', ' ') + ".";
}
