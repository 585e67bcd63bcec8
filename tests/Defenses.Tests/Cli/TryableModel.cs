using Defenses.Cli;
using Defenses.Tests.Onnx;
using Defenses.Tests.Reference;
using Defenses.Tests.Zoo;
using Defenses.Zoo;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Cli;

/// <summary>A folder with models and images in the formats that people have, whole and broken.</summary>
public sealed class TryableModel : IDisposable
{
    private readonly TempFolder _folder = new();

    public TryableModel()
    {
        Models();
        BrokenModels();
        Arrays();
        Pictures();
        Attacked();
        _folder.Write("empty.safetensors", []);
        _folder.Write("text.txt", "neither images nor a model"u8.ToArray());
        _folder.Write("others.json", """{"best":{"mnist-cnn/l2":[1]}}"""u8.ToArray());
        _folder.Write("text.pt", "neither images nor a model"u8.ToArray());
        _folder.Write("cut.onnx", File.ReadAllBytes(At("linear.onnx"))[..500]);
        Directory.CreateDirectory(At("nothing"));
    }

    /// <summary>The weights of the reference network, in PyTorch's layout: those of hrs-mnist.</summary>
    internal static string Weights => SharedFiles.Copied("mnist-cnn.safetensors");

    /// <summary>25 pictures with the classes that this network sees in them.</summary>
    internal static string Images => SharedFiles.Copied("vendor/images_u8.npy");

    internal static string Labels => SharedFiles.Copied("vendor/labels.npy");

    internal string Folder => _folder.Path;

    internal string At(string name) => _folder.At(name);

    public void Dispose() => _folder.Dispose();

    private void Models()
    {
        using var network = Networks.LeNetLike(3);
        ModelFile.Save(network, At("good.safetensors"));
        using (no_grad()) foreach (var parameter in network.parameters()) parameter.mul_(1e30);   // numbers, but so large that answers are none
        ModelFile.Save(network, At("nan.safetensors"));
        using var weights = Safetensors.Read(Weights);
        _folder.Write("reference.pth", new PthFile().Tensors([.. weights.Select(one => (one.Key, one.Value))]).ToArray());
        _folder.Write("checkpoint.pth", new PthFile().Nested("state_dict", [.. weights.Select(one => ("module." + one.Key, one.Value))]).ToArray());
        using var scope = NewDisposeScope();
        using var random = new Defenses.Randomness.RandomSource(1);
        _folder.Write("linear.onnx", new OnnxFile().Input("images", OnnxFile.Float, "n", 1, 28, 28).Node("Flatten", "images", "flat", ("axis", 1))
            .Weight("weight", random.Normal(zeros(10, 784), 1)).Weight("bias", zeros(10)).Node("Gemm", ["flat", "weight", "bias"], "logits", ("transB", 1))
            .Output("logits", OnnxFile.Float, "n", 10).ToArray());
    }

    private void Attacked()
    {
        using var images = zeros(4, 1, 28, 28);
        using var labels = zeros([4], ScalarType.Int64);
        using var met = zeros([4], ScalarType.Bool);
        using var sizes = zeros(4);
        Directory.CreateDirectory(At("attacked"));
        using var set = new AdversarialSet(images, images, labels, met, sizes);
        set.Save(At("attacked/adversarial.safetensors"));
    }

    private void BrokenModels()
    {
        var good = File.ReadAllBytes(At("good.safetensors"));
        _folder.Write("cut.safetensors", good[..(good.Length / 2)]);
        _folder.Write("alone/good.safetensors", good);
        var archive = File.ReadAllBytes(At("reference.pth"));
        _folder.Write("cut.pt", archive[..(archive.Length / 2)]);
    }

    private void Arrays()
    {
        var pixels = new byte[6 * 28 * 28];
        _folder.Write("images.npy", NpyBytes.Make("|u1", "(6, 28, 28)", pixels));
        _folder.Write("labels.npy", NpyBytes.Make("<i8", "(6,)", NpyBytes.Bytes(0L, 1, 2, 3, 4, 5)));
        _folder.Write("short.npy", NpyBytes.Make("<i8", "(5,)", NpyBytes.Bytes(0L, 1, 2, 3, 4)));
        _folder.Write("eleven.npy", NpyBytes.Make("<i8", "(6,)", NpyBytes.Bytes(0L, 1, 2, 3, 4, 10)));
        _folder.Write("alone.npy", NpyBytes.Make("|u1", "(6, 28, 28)", pixels));
        _folder.Write("x_small.npy", NpyBytes.Make("|u1", "(6, 4, 4)", new byte[96]));
        _folder.Write("y_small.npy", NpyBytes.Make("<i8", "(6,)", NpyBytes.Bytes(0L, 1, 2, 3, 4, 5)));
        foreach (var (name, value) in new[] { ("wide", 255f), ("nan", float.NaN) })
        {
            var numbers = new float[2 * 28 * 28];
            numbers[7] = value;
            _folder.Write($"x_{name}.npy", NpyBytes.Make("<f4", "(2, 28, 28)", NpyBytes.Bytes(numbers)));
            _folder.Write($"y_{name}.npy", NpyBytes.Make("<i8", "(2,)", NpyBytes.Bytes(0L, 1)));
        }
    }

    // The 25 pictures of the reference in a folder for each class; and folders that cannot be read.
    private void Pictures()
    {
        using var set = ArraySet.FromNpy(Images, Labels);
        for (var i = 0; i < set.Count; i++)
        {
            using var scope = NewDisposeScope();
            var (images, labels) = set.Batch([i]);
            var folder = At($"pictures/{labels.item<long>()}");
            Directory.CreateDirectory(folder);
            Defenses.Zoo.Pictures.WritePng(Path.Combine(folder, $"{i}.png"), images[0]);
        }
        for (var digit = 0; digit < 10; digit++)
            if (!Directory.Exists(At($"pictures/{digit}"))) _folder.Write($"pictures/{digit}/none.png", PngBytes.Of(28, 28, (_, _) => 0));
        _folder.Write("animals/cat/1.png", PngBytes.Of(28, 28, (y, x) => y + x));
        _folder.Write("animals/mouse/1.png", PngBytes.Of(28, 28, (y, x) => y + x));
        _folder.Write("damaged/cat/1.png", PngBytes.Of(28, 28, (y, x) => y + x)[..60]);
        _folder.Write("damaged/mouse/1.png", PngBytes.Of(28, 28, (y, x) => y + x));
    }
}
