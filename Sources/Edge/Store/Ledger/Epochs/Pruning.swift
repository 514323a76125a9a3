import InterlockJSON
import InterlockLedger
package import InterlockModel
import InterlockPorts
import Synchronization

/// Gives up old entry bundles (C2SP pruning; specs of the ledger, section 13): `log.pruned` is durable
/// and published first, then full bundles below its index go. Hash tiles stay, so that every proof of a
/// later record, and of a pruned one whose bytes are kept elsewhere, holds as before.
package struct Pruning: Sendable {
    private let configuration: LedgerConfiguration
    private let tools: LedgerTools

    /// No record younger than this can be given up.
    package static let leastDays: Int64 = 183

    package struct Report: Sendable, Equatable {
        /// The first index that is left.
        package let minimum: UInt64
        package let deletedBundles: Int
    }

    package init(_ configuration: LedgerConfiguration, _ tools: LedgerTools) {
        self.configuration = configuration
        self.tools = tools
    }

    /// Takes the log's lock. Does nothing when no full bundle is old enough.
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
        // A crash from here on leaves bundles that the next pruning deletes.
        return Report(minimum: minimum, deletedBundles: try delete(below: minimum))
    }

    /// The first record of the first full bundle that holds anything as young as `day`.
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
