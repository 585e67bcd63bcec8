using System.Collections.Concurrent;
using Defenses.Onnx;
using Defenses.Tests.Contracts;
using TorchSharp;

namespace Defenses.Tests.Onnx;

/// <summary>ONNX Runtime ends the process when a freed session is run: no query may reach one.</summary>
public sealed class OnnxDisposalTests : OnnxModels
{
    [Fact]
    public void A_disposed_model_answers_with_an_exception()
    {
        var model = Open(Usual());
        var x = X;
        model.Scores.Logits(x).Dispose();
        model.Dispose();
        model.Dispose();
        model.Scores.Invoking(scores => scores.Logits(x)).Should().Throw<ObjectDisposedException>().WithMessage("*OnnxModel*");
        model.Decisions.Invoking(decisions => decisions.Logits(x)).Should().Throw<ObjectDisposedException>();
        model.Classes.Should().Be(4);
    }

    [Fact]
    public void A_model_disposed_within_a_query_ends_it_first()
    {
        OnnxModel? model = null;
        model = Open(Usual(), new OnnxOptions
        {
            Preprocessing = x =>
            {
                model!.Dispose();
                return x.alias();
            },
        });
        Close(model.Scores.Logits(X), Expected);
        model.Scores.Invoking(scores => scores.Logits(X)).Should().Throw<ObjectDisposedException>();
    }

    [Fact]
    public void Threads_that_query_while_the_model_is_disposed_get_answers_and_then_exceptions()
    {
        for (var time = 0; time < 20; time++)
        {
            var model = Open(Usual());
            var (ended, wrong, answers) = (0, new ConcurrentQueue<Exception>(), 0);
            var threads = Enumerable.Range(0, 3).Select(_ => new Thread(() =>
            {
                try
                {
                    using var x = Numbers.Uniform([4, 1, 3, 4]);
                    while (true)
                    {
                        model.Scores.Logits(x).Dispose();
                        Interlocked.Increment(ref answers);
                    }
                }
                catch (ObjectDisposedException) { Interlocked.Increment(ref ended); }
                catch (Exception error) { wrong.Enqueue(error); }
            })).ToList();
            threads.ForEach(thread => thread.Start());
            SpinWait.SpinUntil(() => Volatile.Read(ref answers) > 3, TimeSpan.FromSeconds(20)).Should().BeTrue();
            model.Dispose();
            threads.ForEach(thread => thread.Join());
            wrong.Should().BeEmpty();
            ended.Should().Be(3);
        }
    }
}
