/** Replies of the Engine API about images: ImageSummary, ImageInspect, HistoryResponseItem, ImageDeleteResponseItem. */
export interface ImageRow {
  readonly Id: string;
  readonly ParentId: string;
  readonly RepoTags: string[];
  readonly RepoDigests: string[];
  readonly Created: number;
  readonly Size: number;
  readonly SharedSize: number;
  readonly Labels: Record<string, string>;
  readonly Containers: number;
}

export interface ImageDetails {
  readonly Id: string;
  readonly RepoTags: string[];
  readonly RepoDigests: string[];
  readonly Parent: string;
  readonly Comment: string;
  readonly Created?: string;
  readonly DockerVersion: string;
  readonly Author: string;
  readonly Config: Record<string, unknown>;
  readonly Architecture: string;
  readonly Variant?: string;
  readonly Os: string;
  readonly OsVersion?: string;
  readonly Size: number;
  readonly GraphDriver: { readonly Name: string; readonly Data: Record<string, string> };
  readonly RootFS: { readonly Type: string; readonly Layers?: string[] };
  readonly Metadata: { readonly LastTagTime: string };
}

export interface HistoryItem {
  readonly Id: string;
  readonly Created: number;
  readonly CreatedBy: string;
  readonly Tags: string[] | null;
  readonly Size: number;
  readonly Comment: string;
}

export interface DeletedImage {
  readonly Untagged?: string;
  readonly Deleted?: string;
}
