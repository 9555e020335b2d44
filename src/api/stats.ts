/** One sample of `GET /containers/{id}/stats`. */
export interface ContainerStatsResponse {
  readonly name?: string;
  readonly id?: string;
  readonly read: string;
  readonly preread: string;
  readonly pids_stats: ContainerPidsStats;
  readonly blkio_stats: ContainerBlkioStats;
  readonly num_procs: number;
  readonly storage_stats: ContainerStorageStats;
  readonly cpu_stats: ContainerCPUStats;
  readonly precpu_stats: ContainerCPUStats;
  readonly memory_stats: ContainerMemoryStats;
  readonly networks?: Readonly<Record<string, ContainerNetworkStats>>;
}

export interface ContainerPidsStats {
  readonly current?: number;
  readonly limit?: number;
}

export interface ContainerBlkioStatEntry {
  readonly major: number;
  readonly minor: number;
  readonly op: string;
  readonly value: number;
}

type Entries = readonly ContainerBlkioStatEntry[] | null;

export interface ContainerBlkioStats {
  readonly io_service_bytes_recursive: Entries;
  readonly io_serviced_recursive: Entries;
  readonly io_queue_recursive: Entries;
  readonly io_service_time_recursive: Entries;
  readonly io_wait_time_recursive: Entries;
  readonly io_merged_recursive: Entries;
  readonly io_time_recursive: Entries;
  readonly sectors_recursive: Entries;
}

export interface ContainerStorageStats {
  readonly read_count_normalized?: number;
  readonly read_size_bytes?: number;
  readonly write_count_normalized?: number;
  readonly write_size_bytes?: number;
}

export interface ContainerCPUUsage {
  readonly total_usage: number;
  readonly percpu_usage?: readonly number[];
  readonly usage_in_kernelmode: number;
  readonly usage_in_usermode: number;
}

export interface ContainerCPUStats {
  readonly cpu_usage: ContainerCPUUsage;
  readonly system_cpu_usage?: number;
  readonly online_cpus?: number;
  readonly throttling_data: ContainerThrottlingData;
}

export interface ContainerThrottlingData {
  readonly periods: number;
  readonly throttled_periods: number;
  readonly throttled_time: number;
}

export interface ContainerMemoryStats {
  readonly usage?: number;
  readonly max_usage?: number;
  readonly stats?: Readonly<Record<string, number>>;
  readonly failcnt?: number;
  readonly limit?: number;
}

export interface ContainerNetworkStats {
  readonly rx_bytes: number;
  readonly rx_packets: number;
  readonly rx_errors: number;
  readonly rx_dropped: number;
  readonly tx_bytes: number;
  readonly tx_packets: number;
  readonly tx_errors: number;
  readonly tx_dropped: number;
}
