#:project ../src/Defenses.Zoo/Defenses.Zoo.csproj
#:package SkiaSharp.NativeAssets.Linux.NoDependencies
#:property Torch=native
// Adversarial images that survive an image file, and that change only what they may: attacked under a constraint, saved as PNG, read and judged again.
using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Models;
using Defenses.Training;
using Defenses.Zoo;
using TorchSharp;
using static TorchSharp.torch;

using var train = SyntheticDigits.Train(6_000);
using var test = SyntheticDigits.Test(100);
using var network = Networks.LeNetLike(seed: 1, dropout: 0);
new Trainer(new TrainingOptions { Epochs = 2, Seed = 1, Update = new AdamUpdate { Rate = LearningRate.Constant(0.002) } }).Run(network, train);
network.eval();
var model = new Classifier(network, Bounds.Unit);
using var images = Constraint.EightBit.Round(test.Images(), Bounds.Unit);   // images from a file are on the 8-bit lattice already

// Only the right half of each image may change, in each element by at most a quarter of the range, and in whole levels of an image file.
using var mask = arange(28) >= 14;
using var radius = full([1], 0.25);
var half = Constraint.Mask(mask).And(Constraint.Near(radius)).And(Constraint.EightBit);
var folder = Directory.CreateTempSubdirectory("pictures").FullName;
foreach (var constraint in new[] { null, Constraint.EightBit, half })
{
    using var result = new DeepFool { Seed = 3 }.Run(model, images, test.Labels, constraint: constraint);
    var saved = Enumerable.Range(0, 100).Select(i => Path.Combine(folder, $"{i}.png")).ToArray();
    for (var i = 0; i < saved.Length; i++) Pictures.WritePng(saved[i], result.Adversarial[i]);
    using var read = stack(saved.Select(path => Pictures.Read(path, new PictureOptions { Grey = true })).ToArray());
    var judged = new Judge(draws: 1).Measure(model, read, test.Labels);
    Console.WriteLine($"{constraint?.ToString() ?? "no constraint"}: {result.Met.sum().ToInt64()} successes, {judged.Met.Sum()} from the files");
}

Directory.Delete(folder, recursive: true);
