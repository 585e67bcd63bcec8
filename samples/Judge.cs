#:project ../src/Defenses.Zoo/Defenses.Zoo.csproj
#:property Torch=native
// A network that draws: attacked through one draw a step and through the mean of many, and judged on draws that no attacker saw.
using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Retrofit;
using Defenses.Training;
using Defenses.Zoo;
using TorchSharp;
using TorchSharp.Modules;

using var train = SyntheticDigits.Train(6_000);
using var test = SyntheticDigits.Test(100);
using var images = test.Images();

using var network = Networks.LeNetLike(seed: 1, dropout: 0);
using var retrofit = network.InsertBefore<Conv2d>(_ => new GaussianNoise(0.15), probe: images);   // it draws in training, too
new Trainer(new TrainingOptions { Epochs = 2, Seed = 1, Update = new AdamUpdate { Rate = LearningRate.Constant(0.002) } }).Run(network, train);
network.eval();                                       // the noise goes on: a defense does not switch off
network.Reseed(1);
var model = new Classifier(network, Bounds.Unit);
var judge = new Judge(draws: 50) { Seed = 2 };        // its draws are its own

Tell("no attack", judge.Measure(model, images, test.Labels));
foreach (var (name, view) in new (string, ModelView)[] { ("PGD, one draw a step", model), ("PGD, mean of ten", new Eot(model, draws: 10)) })
{
    using var attack = new Pgd(Epsilon: 0.04) { Steps = 20, Restarts = 1, Seed = 3 }.Run(view, images, test.Labels);
    Console.WriteLine($"{name}: the attacker believes that {attack.Met.sum().ToInt64()} of {test.Count} images are misread");
    Tell(name, judge.Measure(model, attack.Adversarial, test.Labels));
}

// MeanDraw: a random answer. Majority: most answers of an image. WorstOfK: not one of the 50 is wrong.
static void Tell(string name, Judgement judged) => Console.WriteLine(
    $"{name}: right are {judged.Accuracy.MeanDraw} of all answers, {judged.Accuracy.Majority} of the images by majority, {judged.Accuracy.WorstOfK} always");
