using static TorchSharp.torch;

namespace TorchSharp.Lite.Tests.Core;

public sealed class DisposeScopeTests : TensorTest
{
    [Fact]
    public void A_scope_disposes_what_was_made_in_it()
    {
        Tensor inside, outside = zeros(1);
        using (NewDisposeScope()) inside = outside + 1;
        inside.IsInvalid.Should().BeTrue();
        outside.IsInvalid.Should().BeFalse();
    }

    [Fact]
    public void A_tensor_moves_to_the_outer_scope()
    {
        Tensor moved;
        using (NewDisposeScope())
        {
            using (NewDisposeScope()) moved = zeros(1).MoveToOuterDisposeScope();
            moved.IsInvalid.Should().BeFalse();
        }
        moved.IsInvalid.Should().BeTrue();
    }

    [Fact]
    public void A_detached_tensor_belongs_to_no_scope()
    {
        Tensor free;
        using (var scope = NewDisposeScope())
        {
            free = zeros(1).DetachFromDisposeScope();
            scope.Contains(free).Should().BeFalse();
            scope.DisposablesCount.Should().Be(0);
        }
        free.IsInvalid.Should().BeFalse();
        free.Dispose();
    }

    [Fact]
    public void A_tensor_that_is_disposed_early_leaves_the_scope()
    {
        using var scope = NewDisposeScope();
        var x = zeros(1);
        scope.DisposablesCount.Should().Be(1);
        x.Dispose();
        x.Dispose();
        scope.DisposablesCount.Should().Be(0);
        scope.DisposablesView.Should().BeEmpty();
    }

    [Fact]
    public void Everything_but_a_few_is_disposed_on_request()
    {
        using var scope = NewDisposeScope();
        Tensor a = zeros(1), b = zeros(1), c = zeros(1);
        scope.DisposeEverythingBut(b);
        (a.IsInvalid, b.IsInvalid, c.IsInvalid).Should().Be((true, false, true));
        scope.DisposablesCount.Should().Be(1);
        scope.DisposeEverything();
        b.IsInvalid.Should().BeTrue();
    }

    [Fact]
    public void Several_results_move_together()
    {
        using var outer = NewDisposeScope();
        (Tensor, Tensor) pair;
        using (var inner = NewDisposeScope()) pair = inner.MoveToOuter(zeros(1), ones(1));
        outer.Contains(pair.Item1).Should().BeTrue();
        outer.Contains(pair.Item2).Should().BeTrue();
    }

    [Fact]
    public void Other_disposables_can_be_attached()
    {
        var stream = new MemoryStream();
        using (var scope = NewDisposeScope()) scope.Attach(stream);
        stream.CanRead.Should().BeFalse();
    }

    [Fact]
    public void A_tensor_made_elsewhere_can_be_attached()
    {
        Tensor x;
        using (var outer = NewDisposeScope())
        {
            x = zeros(1).DetachFromDisposeScope();
            outer.Attach(x);
        }
        x.IsInvalid.Should().BeTrue();
    }

    [Fact]
    public void The_current_scope_is_the_innermost()
    {
        var before = CurrentDisposeScope;
        using (var scope = NewDisposeScope())
        {
            CurrentDisposeScope.Should().BeSameAs(scope);
            using (var inner = NewDisposeScope()) CurrentDisposeScope.Should().BeSameAs(inner);
            CurrentDisposeScope.Should().BeSameAs(scope);
        }
        CurrentDisposeScope.Should().BeSameAs(before);
    }

    [Fact]
    public void Statistics_count_living_tensors_of_the_thread()
    {
        var before = Alive;
        using (NewDisposeScope())
        {
            var kept = zeros(1);
            zeros(1).Dispose();
            Alive.Should().Be(before + 1);
            kept.alias();
            Alive.Should().Be(before + 2);
        }
        Alive.Should().Be(before);
    }

    [Fact]
    public void Scopes_hold_many_tensors_that_come_and_go()
    {
        using var scope = NewDisposeScope();
        var kept = new List<Tensor>();
        for (var i = 0; i < 1000; i++)
        {
            var x = tensor(i);
            if (i % 7 == 0) kept.Add(x);
            else x.Dispose();
        }
        scope.DisposablesCount.Should().Be(kept.Count);
        kept.Select(x => x.ToInt32()).Should().Equal(Enumerable.Range(0, 1000).Where(i => i % 7 == 0));
        scope.DisposablesView.Should().HaveCount(kept.Count);
    }

    [Fact]
    public void A_tensor_may_be_disposed_on_another_thread()
    {
        Tensor[] tensors;
        using (NewDisposeScope())
        {
            tensors = [.. Enumerable.Range(0, 100).Select(_ => zeros(1))];
            var thread = new Thread(() =>
            {
                foreach (var x in tensors) x.Dispose();
            });
            thread.Start();
            thread.Join();
        }
        tensors.Should().OnlyContain(x => x.IsInvalid);
    }

    [Fact]
    public void Scopes_of_different_threads_do_not_meet()
    {
        using var scope = NewDisposeScope();
        var count = -1;
        var thread = new Thread(() =>
        {
            using var own = NewDisposeScope();
            zeros(1);
            count = own.DisposablesCount;
        });
        thread.Start();
        thread.Join();
        count.Should().Be(1);
        scope.DisposablesCount.Should().Be(0);
    }

    [Fact]
    public void A_wrapped_expression_keeps_only_its_result()
    {
        var before = Alive;
        var x = WrappedTensorDisposeScope(() => zeros(1) + ones(1) * 2);
        Alive.Should().Be(before + 1);
        ShouldBe(x, 2);
    }

    [Fact]
    public void A_decoupled_tensor_is_empty_and_its_handle_lives_on()
    {
        var x = tensor(5);
        var handle = x.DecoupleFromNativeHandle();
        x.IsInvalid.Should().BeTrue();
        ShouldBe(Tensor.UnsafeCreateTensor(handle), 5);
    }
}
