using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Models;

/// <summary>Writes small TorchScript modules, so that tests of them need no file.</summary>
internal static class ScriptArchive
{
    /// <summary>x·W + b, in double precision: images (N, …) to (N, classes).</summary>
    /// <remarks>With <paramref name="partTrains"/> it has a part without weights, in this mode.</remarks>
    internal static jit.ScriptModule<Tensor, Tensor> Linear(
        Tensor weight, Tensor bias, string after = "", bool isFrozen = false, bool trains = false, bool? partTrains = null)
    {
        var code = $"""
            {(partTrains is null ? "" : Part)}class Tiny(Module):
              __parameters__ = ["weight", "bias", ]
              __buffers__ = []
              weight : Tensor
              bias : Tensor
            {(isFrozen ? "" : "  training : bool\n")}{(partTrains is null ? "" : "  part : __torch__.Part\n")}  def forward(self: __torch__.Tiny,
                x: Tensor) -> Tensor:
                y = torch.addmm(self.bias, torch.flatten(x, 1), self.weight)
                return y{after}

            """;
        var path = Path.GetTempFileName();
        try
        {
            using (var archive = new ZipArchive(File.Create(path), ZipArchiveMode.Create))
            {
                Add(archive, "data.pkl", Pickle(weight, bias, isFrozen, trains, partTrains));
                Add(archive, "code/__torch__.py", Encoding.UTF8.GetBytes(code.ReplaceLineEndings("\n")));
                Add(archive, "data/0", Bytes(weight));
                Add(archive, "data/1", Bytes(bias));
                Add(archive, "constants.pkl", [0x80, 2, (byte)')', (byte)'.']);
                Add(archive, "version", "3\n"u8.ToArray());
            }
            return jit.load<Tensor, Tensor>(path);
        }
        finally { File.Delete(path); }
    }

    private const string Part = "class Part(Module):\n  __parameters__ = []\n  __buffers__ = []\n  training : bool\n  def forward(self: __torch__.Part,\n"
        + "    x: Tensor) -> Tensor:\n    return x\n\n";

    private static void Add(ZipArchive archive, string name, byte[] content)
    {
        using var entry = archive.CreateEntry($"tiny/{name}", CompressionLevel.NoCompression).Open();
        entry.Write(content);
    }

    private static byte[] Bytes(Tensor x) => MemoryMarshal.AsBytes<double>(x.detach().contiguous().data<double>().ToArray()).ToArray();

    // The object of class Tiny with its attributes, as Python's pickle protocol 2 writes it.
    private static byte[] Pickle(Tensor weight, Tensor bias, bool isFrozen, bool trains, bool? partTrains)
    {
        var bytes = new List<byte> { 0x80, 2 };
        Text("c__torch__\nTiny\n)");
        bytes.Add(0x81);
        Text("}(");
        if (!isFrozen)
        {
            Word("training");
            bytes.Add((byte)(trains ? 0x88 : 0x89));
        }
        if (partTrains is { } mode)
        {
            Word("part");
            Text("c__torch__\nPart\n)");
            bytes.Add(0x81);
            Text("}(");
            Word("training");
            bytes.Add((byte)(mode ? 0x88 : 0x89));
            Text("ub");
        }
        Word("weight");
        Tensor(weight, "0");
        Word("bias");
        Tensor(bias, "1");
        Text("ub.");
        return [.. bytes];

        void Text(string text) => bytes.AddRange(Encoding.ASCII.GetBytes(text));
        void Word(string word)
        {
            Text("X");
            Integer(word.Length);
            Text(word);
        }
        void Integer(long value)
        {
            var four = new byte[4];
            BinaryPrimitives.WriteInt32LittleEndian(four, (int)value);
            bytes.AddRange(four);
        }
        void Number(long value)
        {
            Text("J");
            Integer(value);
        }
        void Tuple(long[] values)
        {
            Text("(");
            foreach (var value in values) Number(value);
            Text("t");
        }
        void Tensor(Tensor x, string key)
        {
            Text("ctorch._utils\n_rebuild_tensor_v2\n((");
            Word("storage");
            Text("ctorch\nDoubleStorage\n");
            Word(key);
            Word("cpu");
            Number(x.numel());
            Text("tQ");
            Number(0);
            Tuple(x.shape);
            Tuple(x.contiguous().stride());
            bytes.Add(0x88);   // requires a gradient
            Text("ccollections\nOrderedDict\n)RtR");
        }
    }
}
