import InterlockJSON
import InterlockLedger
package import InterlockModel
import InterlockPorts
import Synchronization

/// Deletes old entry bundles (C2SP pruning; docs/specs/ledger.md, section 13): `log.pruned` is made durable and
/// published first, then full bundles below its index are deleted. Hash tiles are kept, so proofs remain possible for
/// later records, and for pruned ones whose bytes are kept elsewhere.
package struct Pruning: Sendable {
    private let configuration: LedgerConfiguration
    private let tools: LedgerTools

    /// The minimum age in days of a record that may be pruned.
    package static let leastDays: Int64 = 183

    package struct Report: Sendable, Equatable {
        /// The first index that is kept.
        package let minimum: UInt64
        package let deletedBundles: Int
    }

    package init(_ configuration: LedgerConfiguration, _ tools: LedgerTools) {
        self.configuration = configuration
        self.tools = tools
    }

    /// Prunes the records before `day`. Takes the log's lock. Does nothing if no full bundle is old enough.
    package func prune(before day: CivilDate) async throws(LedgerFailure) -> Report {
        let today = tools.clock.wall.day
        guard today.daysSince1970 - day.daysSince1970 >= Self.leastDays else {
            throw LedgerFailure(
                .configuration, "records are kept for at least \(Self.leastDays) days")
        }
        let log = try WriteAheadLog.open(configuration, tools)
        let (known, published) = log.state.withLock { ($0.minimum, $0.published) }
        let minimum: UInt64
        do throws(LedgerFailure) {
            minimum = max(known, try firstKept(day, from: known, below: published))
        } catch {
            log.close()
            throw error
        }
        if minimum > known {
            do throws(LedgerRefusal) {
                _ = try await log.append(
                    RecordDraft(
                        .logPruned, run: nil,
                        fields: ["min": .integer(Int64(clamping: minimum))]))
            } catch {
                log.close()
                throw LedgerFailure(.io, "the log took no record of it: \(error.code)")
            }
        }
        log.close()
        // A crash after this point leaves bundles that the next pruning deletes.
        return Report(minimum: minimum, deletedBundles: try delete(below: minimum))
    }

    /// Returns the first record of the first full bundle that holds a record of `day` or later.
    private func firstKept(
        _ day: CivilDate, from start: UInt64, below size: UInt64
    ) throws(LedgerFailure) -> UInt64 {
        let files = LogFiles(folder: configuration.log)
        let limit = day.start.microseconds
        var first = start
        do throws(TileFault) {
            while first + TilePath.span <= size,
                let bundle = try files.bundle(of: first, size: size)
            {
                for entry in bundle.entries {
                    guard let record = try? StoredRecord(parsing: entry),
                        let moment = record["ts"]?.integer, moment < limit
                    else { return first }
                }
                first += TilePath.span
            }
        } catch {
            throw LedgerFailure(error)
        }
        return first
    }

    private func delete(below minimum: UInt64) throws(LedgerFailure) -> Int {
        let folder = TileFolder(folder: configuration.log)
        var deleted = 0
        do throws(SystemError) {
            for index in 0..<minimum / TilePath.span {
                guard let path = TilePath(level: nil, index: index).map({ folder.path($0) }),
                    Folder.exists(path)
                else { continue }
                try Folder.remove(path)
                deleted += 1
            }
        } catch {
            throw LedgerFailure(error)
        }
        return deleted
    }
}
