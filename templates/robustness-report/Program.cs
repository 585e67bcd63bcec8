// How hard is this classifier to fool, as it is and behind a defense?   dotnet run -c Release -- PICTURES MODEL REPORT
using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Training;
using Defenses.Zoo;
using RobustnessReport;
using TorchSharp;
using static TorchSharp.torch;

if (args is not [var pictures, var file, var report])
{
    Console.Error.WriteLine("Give three arguments: a folder with a folder of pictures for each class, a TorchScript file or saved weights, and "
        + "a folder for the report.");
    return 2;
}

// 1. Your pictures. Say what your training did to them: grey or color, resizing, the order of the classes.
var folder = new ImageFolder(pictures, new PictureOptions { Grey = true, Size = (28, 28) });
folder.Verify();
var images = Sample(folder, most: 50);

// 2. Your network. Normalization is a part of the classifier, so that the budget ε stays in units of pixels, here from 0 to 1.
using var network = Load(file, folder.ClassNames.Count);
network.eval();
var normalize = Preprocessing.Normalize([0.1307], [0.3081]);
var model = new Classifier(network, Bounds.Unit, normalize);

// 3. A defense: noise on the input, also when it answers. docs/layers.md has others, which go inside a network of modules.
using var noise = new GaussianNoise(std: 0.1);
using var noisy = nn.Sequential(("noise", noise), ("network", network));
noisy.eval();
var defended = new Classifier(noisy, Bounds.Unit, normalize);

// 4. The verdict: the worst attack counts for each image, judged on fresh random draws.
var evaluation = new RobustnessEvaluation(
    [new DefenseEntry("as it is", model), new DefenseEntry("behind noise", defended) { Description = "σ 0.1 on the normalized input" }],
    [
        new AttackEntry("APGD", epsilon => new Apgd(epsilon)),
        new AttackEntry("PGD", epsilon => new Pgd(epsilon) { Steps = 40, Restarts = 1 }, AttackerView.Eot(10)),   // the mean of ten random draws
        new AttackEntry("Square", epsilon => new Square(epsilon) { Candidates = 500 }),                           // scores only, no gradients
    ],
    strengths: [8 / 255d, 0.1]) { Draws = 20, Seed = 1 };
var result = evaluation.Run(images, report);   // started again, it goes on where it was
result.Save(report);
Console.WriteLine($"Open {Path.Combine(report, "report.html")}.");
return 0;

static nn.Module<Tensor, Tensor> Load(string file, int classes)
{
    if (file.EndsWith(".pt", StringComparison.Ordinal)) return new ScriptNetwork(jit.load<Tensor, Tensor>(file));
    var network = new Network(classes);
    network.LoadWeights(file);   // .pth or .safetensors
    return network;
}

// Pictures at even distances through the folder, so that each class has its share.
static LabeledImages Sample(ILabeledSet set, long most)
{
    var count = Math.Min(most, set.Count);
    return new LabeledImages(count, (first, number) =>
        set.Batch([.. Enumerable.Range(0, (int)number).Select(i => (first + i) * set.Count / count)])) { Name = set.Name, ClassNames = set.ClassNames };
}
