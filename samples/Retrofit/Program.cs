// A TorchSharp classifier before and after a defense: attacked, and judged on draws that the attacker never saw.
using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Retrofit;
using TorchSharp.Modules;
using static TorchSharp.torch;

var (network, images, labels) = Retrofit.Digits.TrainedNetwork();     // yours: a Module<Tensor, Tensor> that gives logits, and its data
var model = new Classifier(network, Bounds.Unit);
var judge = new Judge(draws: 50);

Report("as it was", attacker: model);
using var retrofit = network.InsertAfter<ReLU>(_ => new StochasticActivationPruning(), probe: images);
Report("with pruning, attacked through one draw a step", attacker: model);
Report("with pruning, attacked through the mean of ten", attacker: new Eot(model, draws: 10));

void Report(string title, ModelView attacker)
{
    using var attack = new Pgd(Epsilon: 0.06) { Steps = 40, Restarts = 1 }.Run(attacker, images, labels);
    var (clean, attacked) = (judge.Measure(model, images, labels), judge.Measure(model, attack.Adversarial, labels));
    Console.WriteLine($"{title}:\n  recognised {clean.Accuracy.MeanDraw}, under attack {attacked.Accuracy.MeanDraw}");
}
