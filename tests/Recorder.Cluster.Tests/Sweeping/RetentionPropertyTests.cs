using System.Collections.Immutable;
using System.Globalization;
using CsCheck;
using Recorder.Cluster.ReadModel;
using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Sessions.Keeping;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Sweeping;
using Recorder.Cluster.Tests.Sessions;

namespace Recorder.Cluster.Tests.Sweeping;

/// <summary>Whatever is started, held, released, delivered and erased, however the clock jumps and the node comes and
/// goes: what is always true of the files.</summary>
public sealed class RetentionPropertyTests
{
    private static readonly Gen<(int Kind, int Which, int Amount)[]> Schedules = Gen
        .Select(Gen.Int[0, 19], Gen.Int[0, 5], Gen.Int[0, 1000])
        .Array[5, 60];

    [Fact]
    public void Nothing_held_undelivered_or_unexpired_goes_and_everything_expired_is_gone_within_two_sweeps() =>
        Schedules.Sample(
            schedule =>
            {
                var world = new World();
                foreach (var (kind, which, amount) in schedule)
                {
                    world.Step(kind, which, amount);
                }
                world.ComeToRest();
            },
            iter: 2000
        );

    /// <summary>One node with its sessions, its files, the lists of the farm, and two clocks.</summary>
    private sealed class World
    {
        private static readonly SessionLabel Short = new("kind", "short");

        private static readonly RetentionPolicy Policy = new(
            TimeSpan.FromDays(10),
            [new RetentionRule(Short, TimeSpan.FromDays(1))]
        );

        private readonly SortedDictionary<int, SessionState> _sessions = [];
        private readonly Dictionary<int, SessionState> _lists = [];
        private readonly HashSet<string> _files = [];
        private DateTimeOffset _wall = Sample.Begin;
        private TimeSpan _elapsed;
        private SweepClock? _before;
        private bool _away;

        private Moment Now => new(_wall, Sample.Node, Sample.Folder);

        public void Step(int kind, int which, int amount)
        {
            var id = _sessions.Count == 0 ? 0 : _sessions.Keys.ElementAt(which % _sessions.Count);
            switch (kind)
            {
                case 0 or 1 or 2:
                    Record(kind, amount);
                    break;
                case 3 when id > 0:
                    Decide(id, state => KeepingDecisions.Hold(state, 1, $"Case {amount}", Now).Events);
                    break;
                case 4 when id > 0:
                    Decide(id, state => KeepingDecisions.Release(state, 1, Now).Events);
                    break;
                case 5 when id > 0:
                    Deliver(id, (DeliveryState)(amount % 5));
                    break;
                case 6 when id > 0:
                    AskedFor(id);
                    break;
                case 7:
                    _wall += TimeSpan.FromHours(amount);
                    break;
                case 8:
                    _wall -= TimeSpan.FromHours(amount);
                    break;
                case 9:
                    _away = amount % 2 == 0;
                    break;
                case 10 or 11:
                    Project(which);
                    break;
                case 12 or 13:
                    Sweep();
                    break;
                case 14:
                    // The node starts again.
                    _before = null;
                    break;
                default:
                    Pass(TimeSpan.FromHours(amount / 4d));
                    break;
            }
        }

        /// <summary>The node is there, the lists have everything, and two sweeps follow each other.</summary>
        public void ComeToRest()
        {
            _away = false;
            Project(which: null);
            _before ??= new SweepClock(_wall, _elapsed);
            for (var sweep = 0; sweep < 2; sweep++)
            {
                Pass(TimeSpan.FromMinutes(5));
                Sweep();
                Project(which: null);
            }
            foreach (var (id, state) in _sessions)
            {
                var record = Assert.Single(state.Summarise().Records);
                Assert.Null(Policy.CauseAt(state.Spec!, record, _before.Wall));
                Assert.False(record.Erasing is { Done: null }, $"The erasing of {id} is not carried out.");
                Assert.Equal(record.Erasing is null, _files.Contains(record.Path));
            }

            // No file is left of a record that is told to be erased, and no other file has gone.
            Assert.Equal(
                _sessions
                    .Values.Select(state => state.Records[0])
                    .Where(record => record.Erasing is null)
                    .Select(record => record.Path),
                _files.OrderBy(NumberOf)
            );
        }

        private void Record(int kind, int amount)
        {
            var id = _sessions.Count + 1;
            var path = $"/records/{id}.mp4";
            _files.Add(path);
            _sessions[id] = new SessionState(new SessionId(id))
            {
                Phase = SessionPhase.Stopped,
                PhaseSince = _wall,
                Node = Sample.Node,
                Started = true,
                Spec = Sample.Spec with
                {
                    Retention = kind switch
                    {
                        1 => new RetentionSpec(amount % 3 == 0 ? null : TimeSpan.FromDays(amount % 20)),
                        _ => null,
                    },
                    Labels = kind == 2 ? [Short] : [],
                },
                Records =
                [
                    new RecordState(path, 1, _wall)
                    {
                        Number = 1,
                        Node = Sample.Node,
                        OpenedAt = _wall,
                        Duration = TimeSpan.FromSeconds(10),
                        Bytes = 1,
                        ClosedAt = _wall,
                        Sha256 = "known",
                    },
                ],
            };
        }

        private void Deliver(int id, DeliveryState to)
        {
            var path = _sessions[id].Records[0].Path;
            Decide(
                id,
                state =>
                    state.Records[0] is { Erasing: not null } ? []
                    : state.Records[0].Deliveries.IsEmpty
                        ?
                        [
                            new DeliveryPlanned(path, "archive", _wall, Sample.Node)
                            {
                                KeepLocal = (int)to % 2 == 0 ? TimeSpan.FromHours(3) : null,
                            },
                        ]
                    : to switch
                    {
                        DeliveryState.Delivered =>
                        [
                            new RecordDelivered(path, "archive", 1, null, null, _wall, Sample.Node),
                        ],
                        DeliveryState.Failed =>
                        [
                            new DeliveryFailed(path, "archive", 1, null, null, "No.", _wall, Sample.Node),
                        ],
                        DeliveryState.GivenUp => [new DeliveryGivenUp(path, "archive", "No.", _wall, Sample.Node)],
                        DeliveryState.Running => [new DeliveryBegun(path, "archive", 1, _wall, Sample.Node)],
                        _ => [new DeliveryAskedAgain(path, "archive", _wall, Sample.Node)],
                    }
            );
        }

        private void AskedFor(int id)
        {
            var before = _sessions[id];
            var decision = KeepingDecisions.Erase(before, [], EraseCause.Asked, "Asked.", Now);
            Assert.Equal(
                before.Records[0] is { Hold: not null, Erasing: null },
                decision.Refusal?.Code == FaultCode.OnHold
            );
            Decide(id, _ => decision.Events);
            CarryOut(id);
        }

        private void Sweep()
        {
            var last = _before;
            var trusted = SweepClock.Trusted(_before, _wall, _elapsed);
            _before = new SweepClock(_wall, _elapsed);
            if (_away)
            {
                return;
            }
            var told = _lists.Select(one => new SweptRecord(
                new RecordId(one.Value.Id, 1),
                one.Value.Spec!,
                one.Value.Summarise().Records[0]
            ));
            foreach (var wanted in SweepDecisions.Due([.. told], Policy, trusted))
            {
                var id = wanted.Session.Value;
                var before = _sessions[id];
                var decided = KeepingDecisions.Erase(before, wanted.Numbers, wanted.Cause, wanted.Reason, Now).Events;
                if (!decided.IsEmpty)
                {
                    var record = before.Summarise().Records[0];
                    Assert.Null(record.Hold);
                    Assert.All(record.Deliveries, one => Assert.Equal(DeliveryState.Delivered, one.State));
                    var expires = Policy.ExpiresAt(before.Spec!, record);
                    Assert.True(expires <= _wall, $"{record} was to be kept until {expires}; it is {_wall}.");

                    // What only a jump of the clock since the last sweep let expire stays.
                    Assert.True(
                        expires <= last!.Wall + (_elapsed - last.Elapsed) + SweepClock.Tolerance,
                        $"{record} expired by a jump of the clock."
                    );
                }
                Decide(id, _ => decided);
                CarryOut(id);
            }
        }

        private void CarryOut(int id)
        {
            var record = _sessions[id].Records[0];
            if (!record.ErasingDue)
            {
                return;
            }
            if (_away)
            {
                Decide(id, state => KeepingDecisions.Unanswered(state, Now));
                return;
            }
            _files.Remove(record.Path);
            Decide(id, state => KeepingDecisions.Hear(state, new FilesErased(record.Path), Now));
        }

        private void Project(int? which)
        {
            foreach (var (id, state) in _sessions.Where(one => which is null || one.Key % 2 == which % 2))
            {
                _lists[id] = state;
            }
        }

        private void Pass(TimeSpan time)
        {
            _wall += time;
            _elapsed += time;
        }

        private void Decide(int id, Func<SessionState, ImmutableList<ISessionEvent>> decide) =>
            _sessions[id] = decide(_sessions[id])
                .Aggregate(_sessions[id], (state, happened) => state.Apply(happened));

        private static int NumberOf(string path) =>
            int.Parse(Path.GetFileNameWithoutExtension(path), CultureInfo.InvariantCulture);
    }
}
